// Makes a certificate for the length of a test, signed by itself, for localhost and 127.0.0.1.
// It is put together here, in DER (X.690) as RFC 5280 has it: node:crypto makes keys and signatures but no certificate.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate and its key in PEM, as `tls.createServer()` takes them. */
export interface Certificate {
  key: string
  cert: string
}

const dayMs = 86_400_000

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts)
const identifier = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, 'latin1'))
const utcTime = (at: Date): Buffer => text(0x17, `${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`)

const commonName = identifier('550403')
const alternativeNames = identifier('551d11')
const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'))
const loopback = Buffer.from([127, 0, 0, 1])

/** A certificate and a key that no one has seen before, valid from yesterday until tomorrow. */
export const makeCertificate = (): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const serial = randomBytes(8)
  // Positive, and without a zero in front.
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f)
  const name = sequence(der(0x31, sequence(commonName, text(0x0c, 'localhost'))))
  const names = sequence(text(0x82, 'localhost'), der(0x87, loopback))
  const now = Date.now()
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(utcTime(new Date(now - dayMs)), utcTime(new Date(now + dayMs))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(alternativeNames, der(0x04, names)))),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const lines =
    sequence(body, ecdsaWithSha256, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  }
}
