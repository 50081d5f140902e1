export { type ProtectedResourceMetadata, protectedResourceMetadata } from './protected-resource-metadata.js';
export { type ResourceDescriptor, resourceDescriptor, resourceDescriptors } from './resource-descriptor.js';
export { authorizationServerMetadataUrls, originOf, pathOf, protectedResourceMetadataUrl } from './well-known.js';
