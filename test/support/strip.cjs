// The Jest transform: Node's own type stripping, so that tests run what production runs.
const { stripTypeScriptTypes } = require('node:module');
const { createHash } = require('node:crypto');

const strip = (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) });

module.exports = {
  process: strip,
  processAsync: async (source) => strip(source),
  getCacheKey: (source, file) =>
    createHash('sha1').update(source).update('\0').update(file).update(process.version).digest('hex'),
};
