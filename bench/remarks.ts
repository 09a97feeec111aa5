// What stands in the way of a bar that is not met, by its name on the page. Written by hand.
const SMALL_PUT =
  'CPU: about 270 µs over all threads, of which the serving thread takes a third; the message to ' +
  'the thread that stores, the commit, lmdb’s own thread and V8’s helpers share the rest.'
const SMALL_READ =
  'CPU: the generator and the server share two cores, and a GET costs 45 µs more than a HEAD; ' +
  'copies of the body and their collection are the suspects, not yet proved.'
const LARGE_PUT =
  'CPU: a fifth goes into copies to pages that the cache has never had (MinIO writes past the ' +
  'cache), a fifth into MD5, a sixth into V8’s collections of buffers that the sockets fill.'
const LARGE_GET =
  'Not profiled in this run. 64 MiB come at about what iperf3 moves over the loopback of such a ' +
  'machine (2.5 to 3 GB/s), for both servers.'

export const REMARKS: Readonly<Record<string, string>> = {
  'PUT 4 KiB, 16 connections': SMALL_PUT,
  'PUT 4 KiB, 64 connections': SMALL_PUT,
  'HEAD 4 KiB, 16 connections': 'CPU: 70 µs, nearly all of it in the serving threads.',
  'GET 4 KiB, 64 connections': SMALL_READ,
  'PUT 1 MiB, 16 connections': LARGE_PUT,
  'PUT 64 MiB, 4 connections': LARGE_PUT,
  'GET 1 MiB, 16 connections': LARGE_GET,
  'GET 64 MiB, 4 connections': LARGE_GET,
  'RssAnon at rest': 'Two threads that serve take 35 to 40 MB each; with one thread it is 79 MB.',
  'RssAnon after all scenarios':
    'Not explained yet. Slow clients are bounded (docs/limits.md), and a single large upload adds ' +
    'little; what many large bodies leave behind in three threads has to be found.',
}
