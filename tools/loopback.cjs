// node --require tools/loopback.cjs: names that end in .localhost are this machine,
// as RFC 6761 says, also where the resolver does not know it.
const dns = require('node:dns')
const lookup = dns.lookup
dns.lookup = (host, options, done) => {
  if (typeof options === 'function') [options, done] = [{}, options]
  if (!host.endsWith('.localhost')) return lookup(host, options, done)
  process.nextTick(() => (options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)))
}
