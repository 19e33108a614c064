// Fediverse servers built on Fedify, driven by the tests over a control port.
//
//   node peer.mjs FOLDER PORT[:SCHEME]...
//
// FOLDER is the one whose node_modules holds the Fedify to use. Each PORT is a server of its own (server.mjs) at http://127.0.0.1:PORT with
// the accounts "ada", "bea", "cyd" (who was bea) and "dan", who share one inbox. With SCHEME (cavage or rfc9421) it signs its requests so, and answers 401 to what is
// signed otherwise, so that a sender who begins with the other has to knock twice. Commands are POSTs of JSON to /control/NAME; each
// answers JSON.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { start } from "./server.mjs";

const [folder, ...ports] = process.argv.slice(2);
const loaded = await import(pathToFileURL(resolve(folder, "load.mjs")));

const readBody = async (req) => {
  const chunks = [];
  for await (const c of req) chunks.push(c);
  return Buffer.concat(chunks);
};

const schemeOf = (headers) => (headers["signature-input"] ? "rfc9421" : headers.signature ? "cavage" : "none");

// told names what a POST said, for the record of requests.
function told(body) {
  try {
    const { type, id } = JSON.parse(body.toString());
    return { type, id };
  } catch {
    return {};
  }
}

async function listen(port, only) {
  const origin = `http://127.0.0.1:${port}`;
  const { federation, commands, requests, readers } = await start(loaded, origin, only);
  const control = async (name, body, res) => {
    if (!Object.hasOwn(commands, name)) throw new Error(`no command ${name}`);
    const answer = await commands[name](JSON.parse(body.toString() || "{}"));
    res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  };
  const serve = async (req, body, res) => {
    const scheme = schemeOf(req.headers);
    const record = { method: req.method, path: req.url, scheme, ...(req.method === "POST" ? told(body) : {}) };
    requests.push(record);
    if (only && scheme !== "none" && scheme !== only) {
      record.status = 401;
      res.writeHead(401).end(`this server verifies ${only} alone`);
      return;
    }
    const hasBody = req.method !== "GET" && req.method !== "HEAD";
    const request = new Request(origin + req.url, { method: req.method, headers: Object.entries(req.headers).map(([k, v]) => [k, String(v)]), body: hasBody ? body : undefined });
    const response = await federation.fetch(request, { contextData: record });
    record.status = response.status;
    if (record.reader) readers.push(record);
    res.writeHead(response.status, Object.fromEntries(response.headers)).end(Buffer.from(await response.arrayBuffer()));
  };
  const server = createServer(async (req, res) => {
    const body = await readBody(req);
    try {
      if (req.url.startsWith("/control/")) await control(req.url.slice("/control/".length), body, res);
      else await serve(req, body, res);
    } catch (e) {
      res.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify({ error: String(e?.stack ?? e) }));
    }
  });
  await new Promise((done) => server.listen(Number(port), "127.0.0.1", done));
}

await Promise.all(ports.map((p) => listen(...p.split(":"))));
console.log("ready");
