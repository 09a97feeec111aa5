// The way from each version of the file to the next. A released one is never changed.
import type { SqliteThread } from './sqlite-thread.ts'
import { TablesError } from './tables-error.ts'

/** Says in the file that it is ours: "cofr". @see https://www.sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x63_6f_66_72

/** The statements that lead to version 1, to version 2, and so on. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `create table revisions (
      name text primary key,
      value bigint not null
    )`,
    `insert into revisions (name, value) values ('access', 0)`,
    `create table accounts (
      id text primary key,
      canonical_id text not null unique,
      display_name text not null,
      email text unique,
      managed integer not null,
      created_at bigint not null
    )`,
    `create table users (
      account text not null references accounts (id) on delete cascade,
      name text not null,
      tags text not null,
      managed integer not null,
      created_at bigint not null,
      primary key (account, name)
    )`,
    `create table access_keys (
      id text primary key,
      account text not null references accounts (id) on delete cascade,
      user_name text,
      secret text not null,
      enabled integer not null,
      description text not null,
      managed integer not null,
      created_at bigint not null,
      foreign key (account, user_name) references users (account, name) on delete cascade
    )`,
    `create index access_keys_of_users on access_keys (account, user_name)`,
    `create table groups (
      account text not null references accounts (id) on delete cascade,
      name text not null,
      managed integer not null,
      created_at bigint not null,
      primary key (account, name)
    )`,
    `create table group_members (
      account text not null,
      group_name text not null,
      user_name text not null,
      primary key (account, group_name, user_name),
      foreign key (account, group_name) references groups (account, name) on delete cascade,
      foreign key (account, user_name) references users (account, name) on delete cascade
    )`,
    `create index group_members_of_users on group_members (account, user_name)`,
    `create table policies (
      account text not null references accounts (id) on delete cascade,
      name text not null,
      document text not null,
      managed integer not null,
      created_at bigint not null,
      primary key (account, name)
    )`,
    `create table user_policies (
      account text not null,
      user_name text not null,
      policy_name text not null,
      primary key (account, user_name, policy_name),
      foreign key (account, user_name) references users (account, name) on delete cascade
    )`,
    `create table group_policies (
      account text not null,
      group_name text not null,
      policy_name text not null,
      primary key (account, group_name, policy_name),
      foreign key (account, group_name) references groups (account, name) on delete cascade
    )`,
  ],
]

/** The version that this Coffer writes. */
export const TABLES_VERSION: number = MIGRATIONS.length

/**
 * The file has the newest version; all steps there are one transaction.
 * @throws TablesError `UnknownFormat` when it is newer than that, or not ours
 */
export async function migrate(thread: SqliteThread, path: string): Promise<void> {
  // Nothing is written to what is not ours, not even how its journal is kept.
  await readVersion(thread, path)
  await thread.run('pragma journal_mode = wal')
  // A commit is on the disk before it is answered, as everything else that Coffer keeps.
  await thread.run('pragma synchronous = full')
  await thread.run('begin immediate')
  try {
    const version = await readVersion(thread, path)
    for (const statements of MIGRATIONS.slice(version)) {
      for (const statement of statements) await thread.run(statement)
    }
    if (version < TABLES_VERSION) {
      await thread.run(`pragma application_id = ${APPLICATION_ID}`)
      await thread.run(`pragma user_version = ${TABLES_VERSION}`)
    }
    await thread.run('commit')
  } catch (error) {
    // What failed counts, not that there may be nothing left to roll back.
    await thread.run('rollback').catch(() => undefined)
    throw error
  }
}

async function readVersion(thread: SqliteThread, path: string): Promise<number> {
  const version = await readNumber(thread, 'pragma user_version')
  const owner = await readNumber(thread, 'pragma application_id')
  const rows = await readNumber(thread, 'select count(*) from sqlite_schema')
  if (rows === 0 && version === 0) return 0
  if (owner !== APPLICATION_ID) {
    throw new TablesError('UnknownFormat', `${path} holds no tables of Coffer. Move it away.`)
  }
  if (version > TABLES_VERSION) {
    throw new TablesError(
      'UnknownFormat',
      `The tables in ${path} have version ${version}; this Coffer knows ${TABLES_VERSION}. Use the ` +
        'Coffer that wrote them, or a newer one.',
    )
  }
  return version
}

async function readNumber(thread: SqliteThread, sql: string): Promise<number> {
  const { rows } = await thread.run(sql)
  const [row] = rows
  const value: unknown = typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined
  return typeof value === 'number' ? value : 0
}
