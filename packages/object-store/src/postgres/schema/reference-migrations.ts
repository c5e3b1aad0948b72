/** A row of `_sqlx_migrations` as the reference server writes and checks it. */
export interface ReferenceMigration {
  readonly version: string;
  readonly description: string;
  /** SHA-384 of the reference's migration file, hex. */
  readonly checksum: string;
}

const row = (version: string, description: string, checksum: string): ReferenceMigration => ({
  version,
  description,
  checksum,
});

/** All that releases 0.7.x know; a database that stands here is left here, so that they can still open it. */
export const REFERENCE_0_7_COUNT = 13;

/** The reference's migrations, in their order. */
export const referenceMigrations: readonly ReferenceMigration[] = [
  row(
    "20210313211034",
    "create public keys",
    "c0755a31943709384f7802ff56f042e17a3e3ae4bb14a5303be32b24867fc5a9ee7dfc9276686d7a96171eb4e8ce2ecd",
  ),
  row(
    "20210322152449",
    "create object",
    "ec4a37c6e069b5421d9b7e5b8c521fafcd67fea03e464444e19e5f5b2a9e00d7ce6f6c6108e367d05f880c8225a72992",
  ),
  row(
    "20210322153010",
    "create object public key",
    "637dde093fd4263bdd33f42ed4f6327b1efdbc99b9e70cc478676cec308cab6f39315e9a2a54c31aa43508eff085a98d",
  ),
  row(
    "20210427222534",
    "add object public key hash index",
    "02d99447b577c3706ac2049e660addd24e9b85d6895e5901c4fb2007b961f461401f6ea5c88740b2b8634e85dac9bf69",
  ),
  row(
    "20210524153649",
    "create mailbox",
    "9a07cc405fca619deb4a776ef81e75c3ec1b7adb3a035ef87f8e4ecd8c2ee244368e3fe50f8a7c1621776f70740873bf",
  ),
  row(
    "20210601131142",
    "add dime uuid to object",
    "9cc3b02b6f3b3069ef7c1d3f0469635e71ed6fffc9637765269d4f1d19691f4cbb2d33208acb38f7207a68ed1edfd25e",
  ),
  row(
    "20210601160710",
    "remove signature from object public key",
    "068d4f0eba2486f051d0878b154f708cb963282248722a5bcdc20e3f90bf3e320c6992293c3c2878fa0a1faa6de293ae",
  ),
  row(
    "20210607153304",
    "md5 object unique hash constraint",
    "cac8d2c6d7b87abb5f11e00a5ec350e85e15ac37d4607a0e4a5c9acd6506c1d299160fc07b800d1b2ab6d4398c1c0345",
  ),
  row(
    "20210625124203",
    "add second pk to public key",
    "2fbb650fb7065679cd9885a15fecc4db93fa4d2cf1f50fa6a4ab6ef66673ace54bc5def8be86abf9a63524a5a14ef34a",
  ),
  row(
    "20210625153541",
    "create object replication",
    "9c4410c2dcfd6866d3f03dbfe49ca1e8fa83c81d9e928fb9107ca99c055d7673cc696b9b1a8064c873d734ff6fdedc20",
  ),
  row(
    "20210711220521",
    "add properties to object",
    "45088b3b1d19f38e7beca36c08e943a05313dfb10148a8848d444cf22492d243f64098e61d67f28f92e6b8459d552860",
  ),
  row(
    "20211129141831",
    "cleanup public key",
    "71928c8ef71e5f04e3efd628fceb4a0480186c03e803f614daa33e8072bd0e12d508eef5a77ae7777c1a8563bcb632fb",
  ),
  row(
    "20211129141848",
    "add auth public key",
    "4f349480aa93df5e37721c4feaa804ec629b7c5eae6f3a48b4a13f7ad4bb57cabb7bf7f4d11b53f5b8e3abef1272ab69",
  ),
  row(
    "20260108111601",
    "create object metadata index",
    "2ed4e3f5963674ba666586d5c06a0f106596f154c96ccdbbdfc3b4286fc2e6c339c5b895e99b88763f5ddf991139970c",
  ),
  row(
    "20260108111602",
    "create object public key index",
    "c8b2a4528a8e9f48065f61a6521cdf15a42bfd68fa43820d2458bd233d51171488637e0bfc1c5af21af847a1773645fe",
  ),
  row(
    "20260108111603",
    "create object replicated at index",
    "fe09607c726ae24ff13ce227bd136a83ae71e06636bd5ba4ac1025713fbcec7dfa2c262ed32b6aecfb99f445cff6868e",
  ),
  row(
    "20260108111604",
    "create object replication status index",
    "32cafae97b9e8e87b04b00663011d8b014f8a44ecfd72c60c62438c54ad89cb370642005913420b459918a7f3800ff46",
  ),
];

/** The indexes that migrations 14 to 17 build without a transaction, by version. */
export const concurrentIndexes: Readonly<Record<string, { readonly name: string; readonly definition: string }>> = {
  "20260108111601": {
    name: "object_metadata_idx",
    definition: "object (created_at, content_length) WHERE directory <> 'NOT_STORAGE_BACKED'",
  },
  "20260108111602": {
    name: "object_public_key_public_key_idx",
    definition: "object_public_key (public_key)",
  },
  "20260108111603": {
    name: "object_replication_status_idx",
    definition: "object_replication (object_uuid, public_key, replicated_at)",
  },
  "20260108111604": {
    name: "object_replication_replicated_at_idx",
    definition: "object_replication (replicated_at) WHERE replicated_at IS NOT NULL",
  },
};
