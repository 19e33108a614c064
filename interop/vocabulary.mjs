// What survives Fedify's vocabulary: a document is read into its classes and written again from them, and both are given in JSON-LD's
// expanded form, where every member bears its whole name.
export function vocabularyOf({ vocab, jsonld, loader }) {
  const expand = (document) => jsonld.expand(document, { documentLoader: loader() });
  return {
    async survive({ document }) {
      const options = { documentLoader: loader(), contextLoader: loader() };
      const object = await vocab.Object.fromJsonLd(document, options);
      // In the expanded format it is written from the classes; without one it would be the bytes that were read.
      const written = await object.toJsonLd({ format: "expand", contextLoader: options.contextLoader });
      return { type: object.constructor.name, before: await expand(document), after: await expand(written) };
    },
  };
}
