import { expect } from 'vitest';
