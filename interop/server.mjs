// One server on Fedify: its dispatchers, its listeners and the commands that the tests give it.
import { proofsOf } from "./proofs.mjs";
import { vocabularyOf } from "./vocabulary.mjs";

const users = ["ada", "bea", "cyd", "dan"];
const longNames = { cavage: "draft-cavage-http-signatures-12", rfc9421: "rfc9421" };

// start makes the server. Its context data is the record of the request at hand; readers collects those whose signed GET was verified.
export async function start({ fedify, vocab, lookupWebFinger, jsonld, Temporal }, origin, only) {
  const { createFederation, MemoryKvStore, generateCryptoKeyPair } = fedify;
  const { Create, Delete, Endpoints, Mention, Move, Note, Person, PUBLIC_COLLECTION, QuoteRequest, Tombstone, Undo, Update } = vocab;
  // ada has an Ed25519 key as well: Fedify then adds an integrity proof to whatever she sends.
  const kinds = (user) => ["RSASSA-PKCS1-v1_5", ...(user === "ada" ? ["Ed25519"] : [])];
  const keys = Object.fromEntries(await Promise.all(users.map(async (u) => [u, await Promise.all(kinds(u).map((kind) => generateCryptoKeyPair(kind)))])));
  const notes = new Map(); // id → Note as sent last
  const sent = new Map(); // activity id → Activity
  const received = []; // what Fedify verified and gave to a listener
  const requests = []; // every request that is no command
  const readers = []; // signed GETs that Fedify verified: requests with their reader
  const now = () => Temporal.Now.instant();
  let blog; // the actor that everything goes to
  const names = { ada: "Ada of Fedify", bea: "Bea of Fedify", cyd: "Cyd of Fedify", dan: "Dan of Fedify" };
  const moved = new Map(); // user → the one that it says it is now
  const gone = new Set(); // users that deleted themselves

  const federation = createFederation({ kv: new MemoryKvStore(), allowPrivateAddress: true, ...(only ? { firstKnock: longNames[only] } : {}) });

  // Authorized fetch: whoever reads an account or a note has to say who asks, and Fedify has to verify it.
  const authorized = async (ctx) => {
    const owner = await ctx.getSignedKeyOwner();
    if (owner == null) return false;
    ctx.data.reader = owner.id.href;
    return true;
  };
  async function person(ctx, identifier) {
    if (!users.includes(identifier) || gone.has(identifier)) return null;
    const pairs = await ctx.getActorKeyPairs(identifier);
    return new Person({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: names[identifier],
      inbox: ctx.getInboxUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
      url: ctx.getActorUri(identifier),
      publicKey: pairs[0]?.cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
      aliases: identifier === "cyd" ? [ctx.getActorUri("bea")] : [],
      ...(moved.has(identifier) ? { successor: ctx.getActorUri(moved.get(identifier)) } : {}),
    });
  }
  federation.setActorDispatcher("/users/{identifier}", person).setKeyPairsDispatcher((_ctx, identifier) => keys[identifier] ?? []).authorize(authorized);
  federation.setObjectDispatcher(Note, "/users/{identifier}/notes/{note}", (ctx, values) => notes.get(ctx.getObjectUri(Note, values).href) ?? null).authorize(authorized);

  // A document as Fedify understood it. Without a format it would give back the very bytes that came.
  const written = (object) => object.toJsonLd({ format: "compact", contextLoader: context().contextLoader });
  const listeners = federation.setInboxListeners("/users/{identifier}/inbox", "/inbox");
  for (const type of ["Accept", "Reject", "Create", "Update", "Delete", "Undo", "Announce", "Like", "Follow", "Add", "Remove", "Move"]) {
    listeners.on(vocab[type], async (_ctx, activity) => {
      received.push({ type, json: await written(activity) });
    });
  }

  const context = () => federation.createContext(new URL(origin), {});
  const fresh = (kind) => new URL(`${origin}/activities/${kind}-${crypto.randomUUID()}`);
  const lookup = (what) => context().lookupObject(what);
  const me = (user) => context().getActorUri(user);

  async function send(user, activity) {
    sent.set(activity.id.href, activity);
    await context().sendActivity({ identifier: user }, await lookup(blog), activity, { immediate: true, preferSharedInbox: true });
    return { id: activity.id.href };
  }

  // What is answered lies here or is looked up at its own server.
  async function author(object) {
    if (notes.has(object)) return notes.get(object).attributionId;
    const target = await lookup(object);
    return (await target.getAttribution({ ...context() })).id;
  }

  async function makeNote(user, to, content, extra) {
    const note = new Note({
      id: context().getObjectUri(Note, { identifier: user, note: crypto.randomUUID() }),
      attribution: me(user), to: PUBLIC_COLLECTION, ccs: [to], content, published: now(), tags: [new Mention({ href: to, name: "@somebody" })], ...extra,
    });
    notes.set(note.id.href, note);
    return note;
  }

  const create = (user, note) => send(user, new Create({ id: fresh("create"), actor: me(user), to: note.toId, ccs: note.ccIds, object: note }));

  // Whom a note is for, as Mastodon addresses each; nothing for everybody.
  const audience = (user, to, kind) => {
    const followers = new URL(`${me(user).href}/followers`);
    return { unlisted: { to: followers, ccs: [PUBLIC_COLLECTION, to] }, followers: { to: followers, ccs: [to] }, direct: { to, ccs: [] } }[kind] ?? {};
  };

  // The commands. Each takes the JSON body and gives a JSON-able answer; id is that of the activity sent.
  const commands = {
    async target(body) {
      blog = body.blog;
      return {};
    },
    async lookup({ what }) {
      const object = await lookup(what);
      return object == null ? { found: false } : { found: true, type: object.constructor.name, json: await written(object) };
    },
    async webfinger({ resource }) {
      return { found: await lookupWebFinger(resource, { allowPrivateAddress: true }) };
    },
    // act sends an activity that has nothing but an object: Follow, Like, Announce, Block, …
    async act({ user, type, object, content }) {
      const extra = { ...(type === "Announce" ? { to: PUBLIC_COLLECTION, published: now() } : {}), ...(content ? { content } : {}) };
      return await send(user, new vocab[type]({ id: fresh(type.toLowerCase()), actor: me(user), object: new URL(object), ...extra }));
    },
    async undo({ user, id }) {
      return await send(user, new Undo({ id: fresh("undo"), actor: me(user), object: sent.get(id) }));
    },
    async reply({ user, object, content, summary, visibility }) {
      const to = await author(object);
      const note = await makeNote(user, to, content, { replyTarget: new URL(object), ...(summary ? { summary, sensitive: true } : {}), ...audience(user, to, visibility) });
      return { note: note.id.href, ...await create(user, note) };
    },
    async edit({ user, note, content }) {
      const edited = notes.get(note).clone({ content, updated: now() });
      notes.set(note, edited);
      return await send(user, new Update({ id: fresh("update"), actor: me(user), to: PUBLIC_COLLECTION, object: edited }));
    },
    async delete({ user, note }) {
      notes.delete(note);
      return await send(user, new Delete({ id: fresh("delete"), actor: me(user), to: PUBLIC_COLLECTION, object: new Tombstone({ id: new URL(note) }) }));
    },
    async quote({ user, object, content }) {
      const note = await makeNote(user, await author(object), content, { quote: new URL(object), quoteUrl: new URL(object) });
      return { note: note.id.href, ...await send(user, new QuoteRequest({ id: fresh("quote"), actor: me(user), object: new URL(object), instrument: note })) };
    },
    async rename({ user, name }) {
      names[user] = name;
      return await send(user, new Update({ id: fresh("update"), actor: me(user), to: PUBLIC_COLLECTION, object: await person(context(), user) }));
    },
    async move({ user, to }) {
      moved.set(user, to);
      return await send(user, new Move({ id: fresh("move"), actor: me(user), object: me(user), target: me(to), to: PUBLIC_COLLECTION }));
    },
    async leave({ user }) {
      gone.add(user);
      return await send(user, new Delete({ id: fresh("delete"), actor: me(user), to: PUBLIC_COLLECTION, object: me(user) }));
    },
    async received() {
      return { received };
    },
    async requests() {
      return { requests };
    },
    async readers() {
      return { readers };
    },
    ...proofsOf({ fedify, vocab, context, me }),
    ...vocabularyOf({ vocab, jsonld, loader: () => context().contextLoader }),
  };
  return { federation, commands, requests, readers };
}
