// Prints the outcome as the last line, in a form that scripts read: `N passed, N failed`.
module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    this.line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // After Jest's own summary, which is written when all reporters are done.
    process.once('exit', () => process.stdout.write(`${this.line}\n`));
  }
};
