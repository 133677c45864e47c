/*
 * npm's jose as the demo has locked it, for whoever is outside this folder.
 */

export * from 'jose';
