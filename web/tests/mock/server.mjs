import { createServer } from "node:http";
import { createReadStream, existsSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { webRoot } from "../lib/load.mjs";
import { account, open, records, watching } from "./routes.mjs";
import { Refusal, userOf } from "./world.mjs";

// Serves web/dist with the policy of the real node, and the mock's calls under /api.

export const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
].join("; ");

const types = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
};

const table = Object.entries({ ...open, ...account, ...records, ...watching }).map(([key, run]) => {
    const [method, path] = key.split(" ");
    return { method, parts: path.split("/"), run };
});

function find(method, path) {
    const parts = path.split("/");
    for (const route of table) {
        if (route.method !== method || route.parts.length !== parts.length) continue;
        const params = {};
        const fits = route.parts.every((part, i) => {
            if (!part.startsWith(":")) return part === parts[i];
            params[part.slice(1)] = decodeURIComponent(parts[i]);
            return true;
        });
        if (fits) return { run: route.run, params };
    }
    return null;
}

function readBody(request) {
    return new Promise((resolve, reject) => {
        const parts = [];
        request.on("data", (part) => parts.push(part));
        request.on("end", () => resolve(Buffer.concat(parts)));
        request.on("error", reject);
    });
}

function sessionOf(world, request, home) {
    const cookies = Object.fromEntries(
        (request.headers.cookie ?? "").split("; ").map((one) => one.split("=")),
    );
    const token = home ? cookies[`salus-${home}`] : undefined;
    const session = token ? world.sessions.get(token) : undefined;
    return session
        ? { session, user: userOf(world, session.account) }
        : { session: null, user: null };
}

async function answerApi(world, request, response, url) {
    const found = find(request.method, url.pathname);
    if (!found) throw new Refusal(404, "not_found", "", "There is no such call.");
    const raw = await readBody(request);
    const isJson = (request.headers["content-type"] ?? "").startsWith("application/json");
    const ctx = {
        world,
        query: url.searchParams,
        params: found.params,
        json: isJson && raw.length > 0 ? JSON.parse(raw.toString()) : {},
        body: new Uint8Array(raw),
        agent: request.headers["user-agent"] ?? "",
        ...sessionOf(world, request, request.headers["salus-home"]),
        setCookie: (home, token) =>
            response.setHeader(
                "Set-Cookie",
                `salus-${home}=${token}; HttpOnly; SameSite=Strict; Path=/`,
            ),
    };
    const answer = await found.run(ctx);
    if (answer instanceof Uint8Array) {
        response.setHeader("Content-Type", "application/cbor");
        response.end(Buffer.from(answer));
    } else if (typeof answer === "string") {
        response.setHeader("Content-Type", "text/plain; charset=utf-8");
        response.end(answer);
    } else {
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify(answer));
    }
}

function streamEvents(world, request, response, url) {
    const { user } = sessionOf(world, request, url.searchParams.get("home"));
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(": here\n\n");
    const isOfficer = user?.roles.some((role) => role.role === "officer");
    const send = (name, data, patient) => {
        if (name === "alert" && !isOfficer) return;
        if (name === "feed" && patient !== user?.account) return;
        response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    world.ledger.state.listeners.add(send);
    request.on("close", () => world.ledger.state.listeners.delete(send));
}

function serveFile(response, path) {
    const dist = join(webRoot, "dist");
    const wanted = join(dist, normalize(path));
    const isFile = wanted.startsWith(dist) && existsSync(wanted) && statSync(wanted).isFile();
    const file = isFile ? wanted : join(dist, "index.html");
    response.setHeader("Content-Security-Policy", policy);
    response.setHeader("Content-Type", types[extname(file)] ?? "application/octet-stream");
    response.setHeader("X-Content-Type-Options", "nosniff");
    createReadStream(file).pipe(response);
}

export function serve(world, port = 0) {
    const server = createServer((request, response) => {
        const url = new URL(request.url ?? "/", "http://localhost");
        if (url.pathname === "/api/events") return streamEvents(world, request, response, url);
        if (!/^\/(api|mock)\//.test(url.pathname)) return serveFile(response, url.pathname);
        answerApi(world, request, response, url).catch((error) => {
            const known = error instanceof Refusal;
            if (!known) console.error(error);
            response.statusCode = known ? error.status : 500;
            response.setHeader("Content-Type", "application/json");
            const { code = "unavailable", reason = "", message } = error;
            response.end(JSON.stringify({ error: { code, reason, message, reference: "" } }));
        });
    });
    return new Promise((resolve) => {
        server.listen(port, "127.0.0.1", () => {
            const { port: actual } = server.address();
            resolve({ server, url: `http://localhost:${actual}`, close: () => server.close() });
        });
    });
}
