package casedb

// searchSchema is the part of schema3 that the search needs.
const searchSchema = ``
