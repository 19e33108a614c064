// A fediverse server built on Fedify, driven by interop_test.go over its standard streams and a control port.
//
//   node peer.mjs FOLDER PORT [refuse-cavage]
//
// FOLDER is the one whose node_modules holds the Fedify to use. The server listens on 127.0.0.1:PORT as http://127.0.0.1:PORT with the
// accounts "ada" and "bea", who share one inbox. With refuse-cavage it answers 401 to each POST that bears no RFC 9421 signature,
// so that a sender has to knock twice. Commands are POSTs of JSON to /control/NAME; each answers JSON.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const [folder, port, refuse] = process.argv.slice(2);
const { fedify, vocab, Temporal } = await import(pathToFileURL(resolve(folder, "load.mjs")));
const { createFederation, MemoryKvStore, generateCryptoKeyPair } = fedify;
const { Accept, Announce, Create, Delete, Endpoints, Follow, Like, Mention, Note, Person, PUBLIC_COLLECTION, Tombstone, Undo, Update } = vocab;

const origin = `http://127.0.0.1:${port}`;
const users = ["ada", "bea"];
const keys = Object.fromEntries(await Promise.all(users.map(async (u) => [u, [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5")]])));
const notes = new Map(); // path segment → Note as sent last
const sent = new Map(); // activity id → Activity
const received = []; // what Fedify verified and gave to a listener
const requests = []; // every POST to an inbox: path, scheme, status
const now = () => Temporal.Now.instant();

const federation = createFederation({ kv: new MemoryKvStore(), allowPrivateAddress: true });

federation.setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
  if (!users.includes(identifier)) return null;
  const pairs = await ctx.getActorKeyPairs(identifier);
  return new Person({
    id: ctx.getActorUri(identifier),
    preferredUsername: identifier,
    name: identifier === "ada" ? "Ada of Fedify" : "Bea of Fedify",
    inbox: ctx.getInboxUri(identifier),
    endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
    url: ctx.getActorUri(identifier),
    publicKey: pairs[0]?.cryptographicKey,
  });
}).setKeyPairsDispatcher((_ctx, identifier) => keys[identifier] ?? []);

federation.setObjectDispatcher(Note, "/users/{identifier}/notes/{note}", (_ctx, { note }) => notes.get(note) ?? null);

const listeners = federation.setInboxListeners("/users/{identifier}/inbox", "/inbox");
for (const type of [Accept, Create, Update, Delete, Undo, Announce, Like, Follow]) {
  listeners.on(type, async (_ctx, activity) => {
    received.push({ type: type.name, json: await activity.toJsonLd() });
  });
}

const context = () => federation.createContext(new URL(origin), undefined);

const lookup = (what) => context().lookupObject(what);

async function send(user, to, activity) {
  sent.set(activity.id.href, activity);
  await context().sendActivity({ identifier: user }, to, activity, { immediate: true, preferSharedInbox: true });
  return { id: activity.id.href };
}

const fresh = (kind) => new URL(`${origin}/activities/${kind}-${crypto.randomUUID()}`);

async function makeNote(user, key, target, content, extra = {}) {
  const ctx = context();
  const author = await target.getAttribution({ documentLoader: ctx.documentLoader, contextLoader: ctx.contextLoader });
  return {
    author,
    note: new Note({
      id: ctx.getObjectUri(Note, { identifier: user, note: key }),
      attribution: ctx.getActorUri(user),
      to: PUBLIC_COLLECTION,
      ccs: [author.id],
      replyTarget: target.id,
      content,
      published: now(),
      tags: [new Mention({ href: author.id, name: `@${author.preferredUsername}` })],
      ...extra,
    }),
  };
}

// The commands. Each takes the JSON body and gives a JSON-able answer.
const commands = {
  async lookup({ what }) {
    const object = await lookup(what);
    if (object == null) return { found: false };
    return { found: true, type: object.constructor.name, json: await object.toJsonLd({ contextLoader: context().contextLoader }) };
  },
  async follow({ user, actor }) {
    const target = await lookup(actor);
    return await send(user, target, new Follow({ id: fresh("follow"), actor: context().getActorUri(user), object: target.id }));
  },
  async reply({ user, object, content, summary }) {
    const target = await lookup(object);
    const key = crypto.randomUUID();
    const { author, note } = await makeNote(user, key, target, content, summary ? { summary, sensitive: true } : {});
    notes.set(key, note);
    const to = author.id.origin === origin ? await lookup(commands.blog) : author;
    await send(user, to, new Create({ id: fresh("create"), actor: note.attributionId, to: PUBLIC_COLLECTION, ccs: [author.id], object: note }));
    return { id: note.id.href, key };
  },
  async edit({ user, key, content }) {
    const note = notes.get(key).clone({ content, updated: now() });
    notes.set(key, note);
    return await send(user, await lookup(commands.blog), new Update({ id: fresh("update"), actor: note.attributionId, to: PUBLIC_COLLECTION, object: note }));
  },
  async delete({ user, key }) {
    const note = notes.get(key);
    notes.delete(key);
    return await send(user, await lookup(commands.blog),
      new Delete({ id: fresh("delete"), actor: note.attributionId, to: PUBLIC_COLLECTION, object: new Tombstone({ id: note.id }) }));
  },
  async like({ user, object }) {
    return await send(user, await lookup(commands.blog), new Like({ id: fresh("like"), actor: context().getActorUri(user), object: new URL(object) }));
  },
  async boost({ user, object }) {
    const ctx = context();
    return await send(user, await lookup(commands.blog),
      new Announce({ id: fresh("announce"), actor: ctx.getActorUri(user), to: PUBLIC_COLLECTION, object: new URL(object), published: now() }));
  },
  async undo({ user, id }) {
    return await send(user, await lookup(commands.blog), new Undo({ id: fresh("undo"), actor: context().getActorUri(user), object: sent.get(id) }));
  },
  async received() {
    return { received };
  },
  async requests() {
    return { requests };
  },
  async target({ blog }) {
    commands.blog = blog;
    return {};
  },
};

const readBody = async (req) => {
  const chunks = [];
  for await (const c of req) chunks.push(c);
  return Buffer.concat(chunks);
};

createServer(async (req, res) => {
  const body = await readBody(req);
  const name = req.url.startsWith("/control/") ? req.url.slice("/control/".length) : null;
  try {
    if (name !== null) {
      const answer = await commands[name](JSON.parse(body.toString() || "{}"));
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      return;
    }
    const scheme = req.headers["signature-input"] ? "rfc9421" : req.headers.signature ? "cavage" : "none";
    if (refuse === "refuse-cavage" && req.method === "POST" && scheme !== "rfc9421") {
      requests.push({ path: req.url, scheme, status: 401 });
      res.writeHead(401).end("this server verifies RFC 9421 only");
      return;
    }
    const hasBody = req.method !== "GET" && req.method !== "HEAD";
    const request = new Request(origin + req.url, { method: req.method, headers: Object.entries(req.headers).map(([k, v]) => [k, String(v)]), body: hasBody ? body : undefined });
    const response = await federation.fetch(request, { contextData: undefined });
    if (req.method === "POST") requests.push({ path: req.url, scheme, status: response.status });
    res.writeHead(response.status, Object.fromEntries(response.headers)).end(Buffer.from(await response.arrayBuffer()));
  } catch (e) {
    res.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify({ error: String(e?.stack ?? e) }));
  }
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
