import { createApp } from '@resift/api/app';
import { type Config, readConfig } from '@resift/api/config';
import { listen } from '@resift/api/server';
import { fakeServices } from '@resift/api/testing/fake-services';

/** What a hostile document may hold; none of it may become anything but text. */
export const MALICIOUS = `Jim Carrey wrote <script>document.title = 'owned'</script> and <img src="https://evil.example/beacon.png" onerror="document.title='owned'"> a letter from Aspen to ![beacon](https://evil.example/x.png) and [click](javascript:document.title='owned').`;

const FILMS = [
  {
    id: 'dumb',
    title: 'Dumb and Dumber',
    text: 'It is a comedy of 1994. Jim Carrey travels to Aspen with his friend in Dumb and Dumber. It was a success.',
  },
  { id: 'mask', title: 'The Mask', text: 'Jim Carrey finds a green mask. Then things happen.' },
  { id: 'aspen', title: 'Aspen', text: 'Aspen is a ski town in Colorado. It is cold there.' },
  { id: 'trip', title: 'A trip', text: 'A trip with a friend is a good thing. Take a map with you.' },
];

export interface PageServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The API with its page on a free port, over fakes: what is tested is the page. */
export async function startPageServer(config: Partial<Config> = {}): Promise<PageServer> {
  const services = fakeServices();
  const store = await services.store('default');
  await store.put('demo', FILMS);
  await store.put('hostile', [{ id: '<b>hostile</b>', title: '<img src=x onerror=alert(1)>', text: MALICIOUS }]);
  const settings = { ...readConfig({ PORT: '0' }, {}), ...config };
  const app = createApp(services, settings);
  const server = await listen(app, settings);
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await services.close();
    },
  };
}
