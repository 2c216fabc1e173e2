import { registerHooks } from 'node:module';

// Loaded ahead of a program: says on its standard error when it loads the OPC UA stack.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'node-opcua') process.stderr.write('the OPC UA stack is loaded\n');
    return next(specifier, context);
  },
});
