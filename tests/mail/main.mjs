// A real mail server on this machine, which tells in JSON lines what it is given. What it is to be comes as its argument:
// { tls: 'none' | 'starttls' | 'wrapped', user, password, refuse: [address, …] }.

import { writeFile } from 'node:fs/promises';
import { simpleParser } from 'mailparser';
import { generate } from 'selfsigned';
import { SMTPServer } from 'smtp-server';

const { tls = 'none', user, password, refuse = [], ca } = JSON.parse(process.argv[2] ?? '{}');
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const names = [{ type: 2, value: 'localhost' }, { type: 7, ip: '127.0.0.1' }];
const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [{ name: 'basicConstraints', cA: false }, { name: 'subjectAltName', altNames: names }],
});
if (ca !== undefined) await writeFile(ca, cert);

const server = new SMTPServer({
  key,
  cert,
  secure: tls === 'wrapped',
  disabledCommands: [...(tls === 'starttls' ? [] : ['STARTTLS']), ...(user === undefined ? ['AUTH'] : [])],
  authOptional: user === undefined,
  onAuth(shown, session, done) {
    tell({ event: 'login', secure: session.secure, known: shown.username === user && shown.password === password });
    if (shown.username === user && shown.password === password) return done(null, { user });
    return done(new Error('who are you'));
  },
  onRcptTo({ address }, _session, done) {
    return refuse.includes(address) ? done(new Error(`${address} is nobody here`)) : done();
  },
  onData(stream, session, done) {
    simpleParser(stream, { skipImageLinks: true }).then(
      (letter) => {
        const { mailFrom, rcptTo } = session.envelope;
        tell({
          event: 'letter',
          secure: session.secure,
          envelope: { from: mailFrom.address, to: rcptTo.map(({ address }) => address) },
          headers: letter.headerLines.map(({ key: name }) => name),
          from: letter.from?.text,
          to: letter.to?.text,
          subject: letter.subject,
          date: letter.date,
          text: letter.text,
        });
        done();
      },
      (error) => done(error),
    );
  },
});
server.on('error', (error) => tell({ event: 'trouble', message: String(error) }));
server.listen(0, '127.0.0.1', () => tell({ event: 'listening', port: server.server.address().port }));
