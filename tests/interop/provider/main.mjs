// An OpenID Connect provider on the loopback: the certified `oidc-provider`, whom commands tell who signs in, and what to
// lie about. Commands are JSON lines on standard input, {"id", "do", …}; answers {"id", "ok"} or {"id", "error"}.
//
// It stands at `localhost`, another site than the server's 127.0.0.1, so that browsers treat its redirects as they
// would those of any provider. As ProConnect does, it takes the secret in the body, asks for PKCE, and gives names as a
// signed token where `signed` is wished.

import { createSign, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { Provider } from 'oidc-provider'

const tell = message => process.stdout.write(JSON.stringify(message) + '\n')
// Hints for whoever would run it in earnest.
console.info = console.warn = () => {}

const [honest, stranger] = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
const HOUR = 3600

let server, issuer, answer
// Who signs in when asked; `null` for somebody who declines.
let who = 'amina'
let lie = null
let people = {}

// Signs an ID token anew, with what is to be different in it.
function forged(token) {
  const [head, payload] = token.split('.').slice(0, 2).map(part => JSON.parse(Buffer.from(part, 'base64url')))
  const now = Math.floor(Date.now() / 1000)
  const changes = {
    nonce: { nonce: 'another question' },
    audience: { aud: 'somebody else' },
    issuer: { iss: 'http://localhost:1' },
    expired: { iat: now - 2 * HOUR, exp: now - HOUR },
    subject: {},
    signature: {},
    unsigned: {},
  }
  const signs = lie === 'unsigned' ? { ...head, alg: 'none' } : head
  const body = [signs, { ...payload, ...changes[lie] }].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  if (lie === 'unsigned') return `${body}.`
  const key = lie === 'signature' ? stranger : honest
  return `${body}.${createSign('RSA-SHA256').update(body).sign(key, 'base64url')}`
}

function provide({ back, client, secret, signed, inToken, byHand }) {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client,
        client_secret: secret,
        redirect_uris: [back],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_post',
        ...(signed ? { userinfo_signed_response_alg: 'RS256' } : {}),
      },
    ],
    clientAuthMethods: ['client_secret_post'],
    jwks: { keys: [{ ...honest.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' }] },
    cookies: { keys: ['of a test'] },
    pkce: { required: () => true },
    conformIdTokenClaims: !inToken,
    claims: {
      openid: ['sub'],
      profile: ['name', 'given_name', 'family_name'],
      given_name: ['given_name'],
      usual_name: ['usual_name'],
    },
    features: { devInteractions: { enabled: byHand === true }, jwtUserinfo: { enabled: signed === true } },
    ...(byHand ? {} : { interactions: { url: (_, { uid }) => `/asked/${uid}` } }),
    ttl: { AccessToken: HOUR, IdToken: HOUR, Grant: HOUR, Interaction: HOUR, Session: HOUR, AuthorizationCode: 60 },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    renderError: (ctx, out) => {
      ctx.type = 'json'
      ctx.body = out
    },
  })
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/asked/')) return next()
    const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res)
    const said = await answered(provider, prompt.name, params, session)
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, said, { mergeWithLastSubmission: true }))
  })
  provider.use(async (ctx, next) => {
    if (lie === 'silent' && ctx.path === '/token') return void (ctx.status = 503)
    await next()
    if (byHand) plain(ctx)
    if (lie !== null && ctx.path === '/token' && ctx.body?.id_token) ctx.body.id_token = forged(ctx.body.id_token)
    if (lie === 'subject' && ctx.path === '/me') ctx.body = { ...ctx.body, sub: 'somebody else' }
  })
  answer = provider.callback()
}

// The library's own pages for signing in, without letters from elsewhere, nor a password for the browser to look after.
function plain(ctx) {
  if (ctx.path === '/favicon.ico') ctx.status = 204
  if (typeof ctx.body !== 'string') return
  ctx.body = ctx.body.replace(/@import[^;]*;/g, '').replace('type="password"', 'type="text"')
}

// What a person answers who signs in at once and agrees, or declines.
async function answered(provider, prompt, params, session) {
  if (who === null) return { error: 'access_denied', error_description: 'no' }
  if (prompt === 'login') return { login: { accountId: who } }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  return { consent: { grantId: await grant.save() } }
}

const commands = {
  // Takes a port; nobody is known there yet.
  async open({ port }) {
    server = createServer((request, response) => (answer ? answer(request, response) : response.writeHead(503).end()))
    await new Promise((done, fail) => server.once('error', fail).listen(port ?? 0, 'localhost', done))
    issuer = `http://localhost:${server.address().port}`
    return { issuer }
  },

  // Lets a server send people here.
  client: wishes => provide(wishes),

  // Who signs in from now on, and what is known of everybody.
  person(command) {
    who = command.who
    people = { ...people, ...command.people }
  },

  // What is false from now on; `null` for nothing.
  lie({ about }) {
    lie = about
  },

  quit() {
    setImmediate(() => process.exit(0))
  },
}

createInterface({ input: process.stdin })
  .on('line', async line => {
    const command = JSON.parse(line)
    try {
      tell({ id: command.id, ok: (await commands[command.do](command)) ?? null })
    } catch (error) {
      tell({ id: command.id, error: String(error?.stack ?? error) })
    }
  })
  .on('close', () => process.exit(0))
