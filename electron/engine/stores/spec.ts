export * from '../../../shared/spec.ts';
