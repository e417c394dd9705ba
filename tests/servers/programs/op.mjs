// oidc-provider, twice in one process: with the paths and claims of Microsoft's and with those of Google's. It is strict by
// itself: registered redirect URIs, client authentication, PKCE, one use of a code and of a refresh token, and all tokens
// of a consent are revoked when one is used twice. Here is only who signs in, what they allow, and what tokens tell.
import fs from "node:fs";
import https from "node:https";
import { control, idOf, readAll, send } from "./common.mjs";

const options = JSON.parse(process.argv[2]);
const { Provider, interactionPolicy } = await import(`${options.packages}/oidc-provider/lib/index.js`);

const BASE = `https://localhost:${options.port}`;
const MOUNTS = { microsoft: `/${options.tenant}/v2.0`, google: "/google" };
const state = options.state; // its fields: oauth.py, StrictOp.set
let log = [];

const OWN_CLAIMS = {
  microsoft: ["oid", "tid", "preferred_username", "email", "name"],
  google: ["email", "email_verified", "name"],
};

// The subject is not the address.
const emails = new Map();
function accountOf(email) {
  const id = `sub-${idOf(email)}`;
  emails.set(id, email);
  return id;
}

function claimsOf(account) {
  const email = emails.get(account);
  const common = { email, email_verified: true, preferred_username: email, name: email.split("@")[0] };
  return { sub: account, oid: idOf(email), tid: options.tenant, ...common, ...state.users[email] };
}

function make(kind) {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
  const provider = new Provider(BASE + MOUNTS[kind], {
    scopes: ["openid", "offline_access", ...state.scopes],
    claims: { openid: ["sub", ...OWN_CLAIMS[kind]], email: ["email"], profile: ["name"] },
    conformIdTokenClaims: false,
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => claimsOf(id) }),
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, introspection: { enabled: true }, revocation: { enabled: true } },
    routes: { authorization: "/authorize", token: "/token", revocation: "/revoke", jwks: "/keys", userinfo: "/userinfo" },
    interactions: { policy, url: (_ctx, interaction) => `${MOUNTS[kind]}/interaction/${interaction.uid}` },
    cookies: { keys: ["of a test"] },
    ttl: {
      AccessToken: () => state.ttl,
      IdToken: 3600,
      AuthorizationCode: 60,
      RefreshToken: 86400,
      Interaction: 600,
      Session: 3600,
      Grant: 86400,
    },
    jwks: { keys: [JSON.parse(fs.readFileSync(options.jwk, "utf8"))] },
  });
  provider.proxy = true; // of TLS: our own listener
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route !== "token" && ctx.oidc?.route !== "revocation") return;
    const entry = { kind: ctx.oidc.route === "token" ? "token" : "revoke", provider: kind, status: ctx.status };
    log.push({ ...entry, form: { ...ctx.oidc.body }, authorization: ctx.headers.authorization || "" });
  });
  return provider;
}

const providers = { microsoft: make("microsoft"), google: make("google") };

// --- who signs in and what they allow ---

const escaped = (text) => String(text).replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

function page({ client_id, scope }, login) {
  const scopes = scope.split(" ").map((one) => `<li>${escaped(one)}</li>`);
  return `<!DOCTYPE html><html><head><title>Consent</title></head><body>
<form method="post"><p>${escaped(client_id)} asks for</p><ul>${scopes.join("")}</ul>
<input name="login" value="${escaped(login)}">
<button name="answer" value="allow" id="allow">Allow</button> <button name="answer" value="deny" id="deny">Deny</button>
</form></body></html>`;
}

async function interaction(provider, request, response) {
  const details = await provider.interactionDetails(request, response);
  let login = state.login || details.params.login_hint || state.user;
  let denied = state.denied;
  if (state.page) {
    if (request.method !== "POST") return send(response, 200, page(details.params, login), { "Content-Type": "text/html" });
    const form = new URLSearchParams((await readAll(request)).toString());
    login = form.get("login") || login;
    denied = form.get("answer") === "deny";
  }
  let result = { error: "access_denied", error_description: "The person said no." };
  if (!denied) {
    const accountId = accountOf(login);
    const grant = new provider.Grant({ accountId, clientId: details.params.client_id });
    const asked = details.params.scope.split(" ");
    grant.addOIDCScope(asked.filter((scope) => !state.rejected.includes(scope)).join(" "));
    if (state.rejected.length) grant.rejectOIDCScope(state.rejected.join(" "));
    result = { login: { accountId }, select_account: {}, consent: { grantId: await grant.save() } };
  }
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

// As Google's: whoever holds a token ends the whole consent with it.
async function revoke(provider, request, response) {
  const form = Object.fromEntries(new URLSearchParams((await readAll(request)).toString()));
  const found = (await provider.RefreshToken.find(form.token)) || (await provider.AccessToken.find(form.token));
  const status = found ? 200 : 400;
  log.push({ kind: "revoke", provider: "google", status, form, authorization: request.headers.authorization || "" });
  if (!found) return send(response, 400, { error: "invalid_token", error_description: "Token expired or revoked" });
  await endGrant(provider, found.grantId);
  return send(response, 200, {});
}

async function endGrant(provider, grantId) {
  for (const model of ["AccessToken", "RefreshToken", "AuthorizationCode"]) await provider[model].revokeByGrantId(grantId);
  await provider.Grant.adapter.destroy(grantId);
}

// Whose access token this is, for a mail server.
async function check(provider, request, response) {
  const token = (request.headers.authorization || "").replace(/^Bearer /, "");
  const found = await provider.AccessToken.find(token);
  if (found?.isValid) return send(response, 200, claimsOf(found.accountId));
  return send(response, 401, { error: "invalid_token", email: options.nobody });
}

const tls = { key: fs.readFileSync(options.key), cert: fs.readFileSync(options.cert) };
https
  .createServer(tls, async (request, response) => {
    const kind = Object.keys(MOUNTS).find((one) => request.url.startsWith(`${MOUNTS[one]}/`));
    if (!kind) return send(response, 404, { error: "not_found" });
    const provider = providers[kind];
    const path = request.url.slice(MOUNTS[kind].length).split("?")[0];
    try {
      if (path.startsWith("/interaction/")) return await interaction(provider, request, response);
      if (path === "/revoke_token") return await revoke(provider, request, response);
      if (path === "/check") return await check(provider, request, response);
      // OpenID Connect gives offline_access with prompt=consent alone, Microsoft with any
      if (kind === "microsoft") request.url = request.url.replace("prompt=select_account", "$&+consent");
      request.headers["x-forwarded-proto"] = "https";
      request.originalUrl = request.url;
      request.url = request.url.slice(MOUNTS[kind].length);
      return await provider.callback()(request, response);
    } catch (error) {
      return send(response, 500, { error: error.error || "server_error", error_description: error.stack });
    }
  })
  .listen(options.port, "127.0.0.1");

control(options.control_port, {
  set: (values) => Object.assign(state, values),
  log: () => log,
  forget_log: () => (log = []),
  async client({ client_id, ...metadata }) {
    for (const provider of Object.values(providers)) await provider.Client.adapter.upsert(client_id, { client_id, ...metadata });
  },
  async end_grant({ token }) {
    for (const provider of Object.values(providers)) {
      const found = (await provider.RefreshToken.find(token)) || (await provider.AccessToken.find(token));
      if (found) await endGrant(provider, found.grantId);
    }
  },
});
