// A password, and its hash with as little work as bcrypt takes: a real one takes a quarter of a second and more.
export const PASSWORD = 'correct horse battery';
export const PASSWORD_HASH = '$2b$04$AW/bTTljuzYAj0rK2HaSded9al93FTSSBhKjqwFOZBc4UjocItZvG';
