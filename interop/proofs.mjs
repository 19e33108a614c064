// Integrity proofs (FEP-8b32) by Fedify's own functions: it makes one for an activity of an account, and verifies one of ours.
export function proofsOf({ fedify, vocab, context, me }) {
  const { signObject, verifyObject } = fedify;
  return {
    // prove gives a Like as its account would send it, proven with its Ed25519 key.
    async prove({ user, object, id }) {
      const ctx = context();
      const pair = (await ctx.getActorKeyPairs(user)).find((p) => p.privateKey.algorithm.name === "Ed25519");
      const like = new vocab.Like({ id: new URL(id), actor: me(user), object: new URL(object) });
      const proven = await signObject(like, pair.privateKey, pair.multikey.id, { ...ctx, contextLoader: ctx.contextLoader, documentLoader: ctx.documentLoader });
      return { document: await proven.toJsonLd({ format: "compact", contextLoader: ctx.contextLoader }) };
    },
    // verify tells whether a proof is good, with the key that the document's actor shows.
    async verify({ document }) {
      const ctx = context();
      const object = await verifyObject(vocab.Activity, document, { contextLoader: ctx.contextLoader, documentLoader: ctx.documentLoader });
      return { verified: object != null };
    },
  };
}
