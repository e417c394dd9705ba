// oauth2-mock-server under the paths of Microsoft's (with a tenant) and of Google's (without), behind a door that tests steer.
//
// The mock signs tokens, answers discovery and keys, and checks PKCE; it checks nothing else. The door knows codes and refresh
// tokens (unknown, used and revoked ones are refused), injects refusals before the mock is asked, and keeps a log.
import { createPublicKey, randomUUID, verify } from "node:crypto";
import fs from "node:fs";
import https from "node:https";
import { Readable } from "node:stream";
import { control, idOf, readAll, send } from "./common.mjs";

const options = JSON.parse(process.argv[2]);
const { OAuth2Issuer, OAuth2Service, Events } = await import(
  `${options.packages}/oauth2-mock-server/dist/index.mjs`
);

const BASE = `https://localhost:${options.port}`;
const issuerOf = (tenant) => (tenant ? `${BASE}/${tenant}/v2.0` : BASE);
const KINDS = {
  ".well-known/openid-configuration": "discovery",
  "v2.0/.well-known/openid-configuration": "discovery",
  "oauth2/v2.0/authorize": "authorize",
  "oauth2/v2.0/token": "token",
  "discovery/v2.0/keys": "keys",
  revoke: "revoke",
  userinfo: "userinfo",
};
const MOCK_PATHS = {
  discovery: "/.well-known/openid-configuration",
  authorize: "/authorize",
  token: "/token",
  keys: "/jwks",
  userinfo: "/userinfo",
};

const state = options.state; // its fields: oauth.py, MockIdp.set
const codes = new Map(); // code -> {user, scope, tenant}
const refreshTokens = new Map(); // token -> the same and {live}
const revokedAccess = new Set();
let failures = [];
let log = [];
let current = null; // what the token request under way is about

const issuer = new OAuth2Issuer();
const jwk = JSON.parse(fs.readFileSync(options.jwk, "utf8"));
const publicKey = createPublicKey({ key: jwk, format: "jwk" });
await issuer.keys.add(jwk);
issuer.url = issuerOf(state.tenant);
const service = new OAuth2Service(issuer);

// --- who and what a token tells ---

function claimsOf({ user, tenant }) {
  const common = { sub: idOf(user), email: user, name: user.split("@")[0] };
  const own = tenant
    ? { oid: idOf(user), tid: state.tenant, preferred_username: user, ver: "2.0" }
    : { email_verified: true };
  return { ...common, ...own, ...state.users[user] };
}

function assign(payload, ...changes) {
  Object.assign(payload, ...changes);
  for (const name of Object.keys(payload)) if (payload[name] === null) delete payload[name];
}

service.on(Events.BeforeTokenSigning, ({ payload }) => {
  const about = claimsOf(current);
  const isIdToken = payload.aud !== undefined;
  delete payload.amr; // with such an array Debian's Dovecot falls over
  payload.iss = issuerOf(current.tenant && (about.tid || state.tenant));
  if (isIdToken) {
    assign(payload, about, state.claims, state.id_claims);
  } else {
    const own = { exp: payload.iat + state.ttl, scope: current.scope, jti: randomUUID() };
    assign(payload, about, own, state.claims, state.access_claims);
  }
});

service.on(Events.BeforeResponse, ({ body }) => {
  const about = claimsOf(current);
  body.scope = current.scope;
  body.expires_in = state.expires_in ?? state.ttl;
  if (current.tenant) {
    const who = { uid: about.oid, utid: about.tid };
    body.client_info = Buffer.from(JSON.stringify(who)).toString("base64url");
  }
  const used = current.refresh_token;
  // an app of its own (client_credentials) gets none
  if (!body.refresh_token || !state.refresh_tokens || (used && state.rotation === "none")) {
    delete body.refresh_token;
    return;
  }
  if (used && state.rotation === "strict") refreshTokens.get(used).live = false;
  const { user, scope, tenant } = current;
  refreshTokens.set(body.refresh_token, { user, scope, tenant, live: true });
});

service.on(Events.BeforeWellKnownOpenIdConfiguration, ({ body }, { tenant }) => {
  const many = ["common", "organizations", "consumers"].includes(tenant);
  const prefix = tenant ? `${BASE}/${tenant}` : BASE;
  Object.assign(body, {
    issuer: issuerOf(many ? "{tenantid}" : tenant),
    authorization_endpoint: `${prefix}/oauth2/v2.0/authorize`,
    token_endpoint: `${prefix}/oauth2/v2.0/token`,
    jwks_uri: `${prefix}/discovery/v2.0/keys`,
    userinfo_endpoint: `${prefix}/userinfo`,
    revocation_endpoint: `${prefix}/revoke`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
  });
  delete body.introspection_endpoint;
  delete body.end_session_endpoint;
});

service.on(Events.BeforeUserinfo, (answer, request) => {
  const token = (request.headers.authorization || "").replace(/^Bearer /, "");
  const claims = claimsIn(token);
  if (revokedAccess.has(token) || !(claims.exp > Date.now() / 1000)) {
    Object.assign(answer, { statusCode: 401, body: { error: "invalid_token", email: options.nobody } });
  } else {
    answer.body = claims;
  }
});

function claimsIn(token) {
  try {
    const [header, payload, signature] = token.split(".");
    const signed = verify("sha256", Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, "base64url"));
    return signed ? JSON.parse(Buffer.from(payload, "base64url")) : {};
  } catch {
    return {};
  }
}

// --- the door ---

const granted = (asked) => (state.granted === null ? asked : state.granted.join(" "));

// The app's id or secret is wrong; null where tests registered none.
function wrongClient({ client_id, client_secret }) {
  if (!state.clients) return null;
  if (!(client_id in state.clients))
    return [400, { error: "unauthorized_client", error_description: `AADSTS700016: no app ${client_id}`, error_codes: [700016] }];
  if (client_secret === state.clients[client_id]) return null;
  return [401, { error: "invalid_client", error_description: "AADSTS7000215: wrong secret", error_codes: [7000215] }];
}

// What is wrong with a token request; else `current` is set.
function whyNot(form, tenant) {
  if (form.grant_type === "authorization_code") {
    current = codes.get(form.code);
    codes.delete(form.code); // good for one attempt
    if (!current) return "AADSTS70000: The provided value for the 'code' parameter is not valid.";
    if (!form.code_verifier) return "AADSTS501481: The code_verifier is missing.";
  } else if (form.grant_type === "refresh_token") {
    const grant = refreshTokens.get(form.refresh_token);
    if (!grant?.live) return "AADSTS70000: The refresh token is not valid, or was used before.";
    const scope = form.scope ? granted(form.scope) : grant.scope;
    current = { ...grant, scope, refresh_token: form.refresh_token };
  } else {
    current = { user: form.username || state.user, scope: granted(form.scope || ""), tenant };
  }
  return "";
}

function failureFor(kind, form) {
  const found = failures.find((one) => one.kind === kind && (!one.grant_type || one.grant_type === form.grant_type));
  if (found && found.times !== null && --found.times <= 0) failures = failures.filter((one) => one !== found);
  return found;
}

// Resolves when the mock has answered.
function askMock({ kind, tenant, url, request, body }, response) {
  const copy = Readable.from(body.length ? [body] : []);
  const { headers, method } = request;
  Object.assign(copy, { headers, method, tenant, url: MOCK_PATHS[kind] + url.search });
  const done = new Promise((resolve) => response.on("close", resolve));
  service.requestHandler(copy, response);
  return done;
}

// One at a time: the mock would mix up the claims of two.
let turn = Promise.resolve();
function token(asked, response) {
  turn = turn.catch(() => {}).then(async () => {
    const stranger = wrongClient(asked.form);
    if (stranger) return send(response, ...stranger);
    const wrong = whyNot(asked.form, asked.tenant);
    if (wrong) return send(response, 400, { error: "invalid_grant", error_description: wrong });
    const end = response.end.bind(response);
    response.end = (text) => {
      // the mock refuses a wrong verifier in a form that is not OAuth's
      if (response.statusCode !== 400) return end(text);
      response.end = end;
      response.removeHeader("Content-Length");
      const told = `AADSTS501481: ${JSON.parse(text).detail}`;
      return send(response, 400, { error: "invalid_grant", error_description: told });
    };
    return askMock(asked, response);
  });
  return turn;
}

function authorize(asked, response) {
  const query = asked.url.searchParams;
  const user = state.login || query.get("login_hint") || state.user;
  const also = { ...state.redirect };
  if (state.iss_parameter) also.iss = issuerOf(asked.tenant && state.tenant);
  service.once(Events.BeforeAuthorizeRedirect, ({ url }) => {
    const back = url.searchParams;
    if (state.denied) {
      back.delete("code");
      Object.assign(also, state.denied);
    } else {
      codes.set(back.get("code"), { user, scope: granted(query.get("scope") || ""), tenant: asked.tenant });
    }
    for (const [name, value] of Object.entries(also)) back.set(name, value);
  });
  return askMock(asked, response);
}

function revoke({ form }, response) {
  const grant = refreshTokens.get(form.token);
  if (grant) grant.live = false;
  else revokedAccess.add(form.token);
  send(response, 200, {});
}

async function answer(request, response) {
  const url = new URL(request.url, BASE);
  const body = await readAll(request);
  const form = Object.fromEntries(new URLSearchParams(body.toString()));
  const [first, ...rest] = url.pathname.slice(1).split("/");
  const here = KINDS[[first, ...rest].join("/")];
  const tenant = here ? "" : first;
  const kind = here || KINDS[rest.join("/")] || "unknown";
  const { method, headers } = request;
  const query = Object.fromEntries(url.searchParams);
  const entry = { kind, tenant, method, path: url.pathname, query, form, status: 0 };
  entry.authorization = headers.authorization || "";
  log.push(entry);
  response.on("finish", () => (entry.status = response.statusCode));

  const failure = failureFor(kind, form);
  if (failure) {
    await new Promise((resolve) => setTimeout(resolve, failure.delay * 1000));
    if (failure.status === 0) return request.socket.destroy();
    if (failure.status) return send(response, failure.status, failure.body, failure.headers);
  }
  const asked = { kind, tenant, url, request, body, form };
  if (kind === "unknown") return send(response, 404, { error: "not_found" });
  return ({ token, authorize, revoke }[kind] || askMock)(asked, response);
}

// --- what listens ---

const tls = { key: fs.readFileSync(options.key), cert: fs.readFileSync(options.cert) };
https
  .createServer(tls, (request, response) => answer(request, response).catch((error) => send(response, 500, error.stack)))
  .listen(options.port, "127.0.0.1");

control(options.control_port, {
  set: (values) => Object.assign(state, values),
  fail: (failure) => failures.push(failure),
  heal: () => (failures = []),
  log: () => log,
  forget_log: () => (log = []),
  revoke_user({ user }) {
    for (const grant of refreshTokens.values()) if (grant.user === user) grant.live = false;
  },
  revoke_access: ({ token }) => revokedAccess.add(token),
  sign: ({ claims, headers }) =>
    issuer.buildToken({
      scopesOrTransform(header, payload) {
        Object.assign(header, headers);
        assign(payload, claims);
      },
    }),
});
