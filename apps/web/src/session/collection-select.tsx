import type { ReactNode } from 'react';
import { useSession } from './session.tsx';

export function CollectionSelect(): ReactNode {
  const { collections, collection, choose } = useSession();
  return (
    <label className="collection">
      Collection
      <select value={collection} onChange={(event) => choose(event.target.value)}>
        {collections.length === 0 && <option value={collection}>{collection} (empty)</option>}
        {collections.map(({ name, documents }) => (
          <option key={name} value={name}>
            {name} ({documents})
          </option>
        ))}
      </select>
    </label>
  );
}
