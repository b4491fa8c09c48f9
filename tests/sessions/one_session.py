"""A session as Astro stored it, for tests that need just one."""

ID = "52c3ea4c-5a44-4eb2-96c8-8a3cbb2bd0d5"
STORED = b'[["Map",1,2],"n",{"data":3,"expires":-1},1]'
