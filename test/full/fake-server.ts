import { createApp } from '@resift/api/app';
import { readConfig } from '@resift/api/config';
import { listen } from '@resift/api/server';
import { fakeServices } from '@resift/api/testing/fake-services';

// The server of a drill, on fakes: prints its URL.
const config = readConfig({ PORT: '0', HOST: '127.0.0.1', RESIFT_LOG_LEVEL: 'silent' }, {});
const services = fakeServices();
await (await services.store('default')).put('default', [{ id: 'a', text: 'Aspen is a ski town in Colorado.' }]);
const server = await listen(createApp(services, config), config);
console.log(server.url);
