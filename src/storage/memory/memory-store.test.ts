import { storeConformance } from '../conformance/store-conformance.ts'
import { openMemoryStore } from './memory-store.ts'

storeConformance('the memory store', openMemoryStore)
