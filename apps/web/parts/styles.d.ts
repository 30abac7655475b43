/** Style sheets of pages that are fetched when they are opened. */
declare module '*.css';
