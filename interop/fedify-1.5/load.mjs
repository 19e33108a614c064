// What peer.mjs needs, resolved from this folder's node_modules. jsonld is the one that Fedify itself uses.
export * as fedify from "@fedify/fedify";
export * as vocab from "@fedify/fedify/vocab";
export { lookupWebFinger } from "@fedify/fedify/webfinger";
export { default as jsonld } from "jsonld";
export { Temporal } from "@js-temporal/polyfill";
