import { calleeOf, type Callees } from '../../../base/calls/callee.ts'
import type { Directory } from '../directory/directory.ts'

/** A directory, ready to be called from other threads: the other end of `directory-client.ts`. */
export function directoryCallees(directory: Directory): Callees {
  const { accounts, users, keys, groups, policies } = directory
  return {
    'directory.findKey': calleeOf(directory, 'findKey'),
    'directory.getCaller': calleeOf(directory, 'getCaller'),
    'directory.applyIdentities': calleeOf(directory, 'applyIdentities'),
    'accounts.create': calleeOf(accounts, 'create'),
    'accounts.get': calleeOf(accounts, 'get'),
    'accounts.list': calleeOf(accounts, 'list'),
    'accounts.delete': calleeOf(accounts, 'delete'),
    'users.create': calleeOf(users, 'create'),
    'users.get': calleeOf(users, 'get'),
    'users.list': calleeOf(users, 'list'),
    'users.setTags': calleeOf(users, 'setTags'),
    'users.delete': calleeOf(users, 'delete'),
    'keys.create': calleeOf(keys, 'create'),
    'keys.list': calleeOf(keys, 'list'),
    'keys.setEnabled': calleeOf(keys, 'setEnabled'),
    'keys.delete': calleeOf(keys, 'delete'),
    'groups.create': calleeOf(groups, 'create'),
    'groups.get': calleeOf(groups, 'get'),
    'groups.list': calleeOf(groups, 'list'),
    'groups.addMember': calleeOf(groups, 'addMember'),
    'groups.removeMember': calleeOf(groups, 'removeMember'),
    'groups.delete': calleeOf(groups, 'delete'),
    'policies.put': calleeOf(policies, 'put'),
    'policies.get': calleeOf(policies, 'get'),
    'policies.list': calleeOf(policies, 'list'),
    'policies.delete': calleeOf(policies, 'delete'),
    'policies.attach': calleeOf(policies, 'attach'),
    'policies.detach': calleeOf(policies, 'detach'),
  }
}
