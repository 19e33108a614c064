// What peer.mjs needs, resolved from this folder's node_modules.
export * as fedify from "@fedify/fedify";
export * as vocab from "@fedify/fedify/vocab";
export { Temporal } from "@js-temporal/polyfill";
