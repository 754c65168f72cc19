// What `--import finrst/auto` loads, built for the tests.
import '../../adapters/node/auto.js'
