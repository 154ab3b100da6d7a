"""What the engine and its surroundings say in English, as patterns with placeholders by name.

Used by `bot.engine_texts` to recognise a text and to say it in another language.
"""

from bot.language import N_

RECEIPTS = (
    N_("Paused: {reason}. No new entries; open positions stay managed."),
    N_("Paused: {reason}. Open positions stay managed."),
    N_("Not paused; mode {mode}."),
    N_("Resumed in {mode} mode."),
    N_("Breakers still block entries ({names}); /resetbreakers lifts them."),
    N_("Mode {mode} needs the {book} book, which is not set up."),
    N_("Mode is {mode} already."),
    N_("Mode {before} → {mode}."),
    N_("The first entry is at the symbol's minimum until its stop is confirmed."),
    N_("Open positions stay where they are: {names}."),
    N_("Live entries without a proven edge are allowed, at {floor} risk where Kelly is <= 0."),
    N_("Live entries need a proven edge again."),
    N_("Each entry waits for your Take."),
    N_("Entries are made unasked."),
    N_("Risk {given} % given, {low} to {high} % allowed."),
    N_("Maximum risk per trade {before} % → {risk} %."),
    N_("Threshold {given} given, 0 to 1 allowed."),
    N_("{given} signals a day given, 1 to 10000 allowed."),
    N_("Threshold automatic, about {aim} signals a day (now {value})."),
    N_("Threshold fixed at {value}, at most {most} signals a day."),
    N_("{symbol} is heard again."),
    N_("The mute of {symbol} would end in the past."),
    N_("{symbol} is muted for {time}: no signals, no entries."),
    N_("No breaker is tripped; losing streaks start from 0."),
    N_("Breakers reset: {names}. Marks start from the equity of now."),
    N_("Still paused ({reason}): /resume to trade."),
    N_("This signal is no longer open for taking."),
    N_("Refused ({rule}): {detail}."),
    N_("Entering {symbol}: {qty} at {price} or better."),
    N_("{share} % given, 1 to 100 % of a position can be closed."),
    N_("{share} % of {qty} {symbol} cannot be split; close it whole."),
    N_("Closing {symbol} at market: {parts}."),
    N_("{symbol} ({book}) is {reason}, nothing is held."),
    N_("The position in {symbol} is not ours; close it at the exchange."),
    N_("No open position in {symbol}."),
    N_("No open positions."),
    N_("Closing {count} positions at market: {names}."),
    N_("Panic: paused, switched to signals, nothing was open."),
    N_("Panic: paused, switched to signals, nothing was open, cancelling entries in {names}."),
    N_("Panic: paused, switched to signals, closing {names}."),
    N_("Panic: paused, switched to signals, closing {names}, cancelling entries in {others}."),
    N_("Not ours and left alone: {names}."),
    N_("{symbol} at {price} is not beyond its entry {stop} yet."),
    N_("The stop of {symbol} is at {price} already."),
    N_("Moving the stop of {symbol} to its entry: {parts}."),
)
REFUSALS = (
    N_("mode {mode} places no orders"),
    N_("paused: {reason}"),
    N_("breaker tripped: {names}"),
    N_("the setup expired {age} s ago"),
    N_("the setup is {age} s old, at most {most} s"),
    N_("muted by the operator"),
    N_("24 h volume {volume} M USDT, at least {least} M"),
    N_("spread is {share} of R, at most {most}"),
    N_("cost is {share} of R, at most {most}"),
    N_("price {last} has moved {moved} R from the entry {entry}, at most {most} R"),
    N_("cooling down for {minutes} more min"),
    N_("waiting for the operator's Take"),
    N_("{count} positions open or pending, at most {most}"),
    N_("open risk would be {share} of equity, at most {most}"),
    N_("{side} risk would be {share} of equity, at most {most}"),
    N_(
        "liquidation {distance} away at leverage {leverage}, at least {stops} stop distances "
        "({needed}) are needed"
    ),
    N_("margin {margin} USDT, at most {most}"),
    N_("margin of all positions would be {margin} of {equity} USDT equity"),
    N_("the bot is stopping"),
    N_("a newer instance (start {start}) trades this account"),
    N_("the {book} book is not connected"),
    N_("the account stream is down: {reason}"),
    N_("the {book} account is not reconciled yet"),
    N_("not in the universe"),
    N_("{timeframe} setups are alerts only"),
    N_("status {status}"),
    N_("a delisting is announced"),
    N_("margin type and leverage are not confirmed yet"),
    N_("orders of the last trade are not confirmed gone"),
    N_("a trade is {reason}"),
    N_("a position that is not ours is open"),
    N_("an entry that was never found may still appear"),
    N_("a left-over order is being cancelled"),
    N_("the stop of the first live entry is not confirmed yet"),
    N_("scorer {scorer} has no calibrated probability"),
    N_("{count} validated outcomes near this score, {least} are needed"),
    N_("Kelly {kelly} at p {p} and payoff {payoff} (break-even p {even})"),
    N_("the model card does not claim an edge"),
    N_("a price or the equity is not a finite number"),
    N_("equity is {equity} USDT"),
    N_("entry {entry} and stop {stop} leave no distance"),
    N_("unit cost {cost} or leverage {leverage} is out of range"),
    N_("maximum risk {risk} is not a share of equity"),
    N_(
        "risk {share} of {equity} USDT buys {largest}, the smallest order is {smallest} "
        "({worth} USDT at {price})"
    ),
)
PROTECTION = (
    N_("stop {price} rests at the exchange"),
    N_("stop {price} rests at the paper exchange"),
    N_("no stop confirmed within {seconds} s"),
    N_("the venue dropped {count} stops"),
    N_("stop refused: {answer}"),
    N_("price is beyond the target already: {code}"),
    N_("{reason} triggered but not filled"),
    N_("{reason} order ended {status} at its trigger {answer}"),
    N_("{reason} order ended {status} at its trigger"),
)
ALARMS = (
    N_("{symbol}: an entry given up as lost has appeared; adopted and being protected"),
    N_("{symbol}: a position of ours without a stored plan was adopted, stop {price}"),
    N_("{symbol}: a position of ours is outside the universe; please handle it by hand"),
    N_("{book} book: {reason}; no new entries until /resetbreakers"),
    N_("equity {equity} USDT is {fall} since the start of the UTC day ({mark}); limit {limit}"),
    N_("equity {equity} USDT is {fall} below the high-water mark ({mark}); limit {limit}"),
    N_("{count} losses in a row"),
    N_("{count} entries rejected within {minutes} min"),
    N_("{book} account stream is down: {reason}; no entries until it is back"),
    N_("{book} book: {failure} ({answer}); no entries, nothing can be protected"),
    N_("the exchange refuses the API key, its permissions or this address"),
    N_("{book} book: {reason}"),
    N_("the account is in hedge mode; one-way mode is needed"),
    N_("the exchange does not allow this account to trade"),
    N_("{symbol} left the universe ({reason}); its position stays managed"),
    N_("{symbol}: the entry was refused ({answer})"),
    N_("{symbol}: the fate of order {order} is unknown; symbol frozen"),
    N_("{symbol}: the unknown entry was not found and is given up; watched for 24 h"),
    N_(
        "{symbol}: an entry of a former run has no stored plan; what it has opened is protected by "
        "a stop at {price}"
    ),
    N_("{symbol}: the exchange holds {qty}, {missing} more than our fills; adopted"),
    N_("{symbol}: {qty} was closed outside the bot; its result is estimated at {price}"),
    N_(
        "{symbol}: a position of {qty} at {price} is not ours; it is left alone and has no stop of "
        "ours"
    ),
    N_(
        "{symbol}: an unfinished {book} trade exists, but that book is not connected; its stop "
        "rests at the exchange and nobody manages it"
    ),
    N_("mode {mode} was stored, but its book is not connected; signals"),
    N_("stored setting {key} is unreadable and was ignored: {error}"),
    N_("stored breaker state is unreadable: {text}"),
    N_(
        "another instance (start {other}) trades the {book} account, this is start {own}: it takes "
        "no entries any more and only protects what it holds"
    ),
    N_("1 symbol has data again: {names}"),
    N_("{count} symbols have data again: {names}"),
    N_("1 symbol has no data ({reason}): {names}"),
    N_("{count} symbols have no data ({reason}): {names}"),
    N_("{symbol}: the exit was refused ({answer}); it is retried"),
    N_("{symbol}: {dust} is below the order step and stays at the exchange"),
    N_("{symbol}: {failure}; closing at market"),
    N_("The scorer {scorer} failed ({error}): no signals from it."),
    N_("The journal cannot be written: {error}. No entries; open positions stay managed."),
    N_("The heuristic scorer is in use: {reason}."),
    N_("there is no model at {path}"),
)
LIFE = (
    N_("Started in {mode} mode."),
    N_("Started in {mode} mode, {count} unfinished trades recovered."),
    N_("Scanning {count} symbols, ready after {seconds} s."),
    N_("Stopping; open positions keep their stops."),
    N_(
        "No model bundle yet: the heuristic scorer ranks setups. Its scores are not probabilities, "
        "and live trading refuses entries on them."
    ),
)
EXCLUDED = (
    N_("below the {count} most traded"),
    N_("contract type {type}"),
    N_("quoted in {quote}, margined in {margin}"),
    N_("on the deny list"),
    N_("not on the allow list"),
    N_("listed {age} days ago, minimum {least}"),
    N_("24 h volume {volume} USDT, minimum {least}"),
)
MODEL = (
    N_("Model reloaded: {before} → {after}."),
    N_("Model rolled back: {before} → {after}."),
    N_("The threshold starts anew at {value}."),
    N_(
        "The threshold stays fixed at {value}, which was chosen for the former scores: /threshold "
        "auto fits it to the new ones."
    ),
    N_("The scorer was {before} and is {after} now; the threshold starts anew."),
    N_("The scorer was not noted and is {after} now; the threshold starts anew."),
    N_("{scorer} scores every setup beside {other} and decides nothing."),
    N_("No challenger scores any more."),
    N_("A model is changed together with its scorer, which did not come."),
    N_("There is no earlier model to go back to."),
    N_("There is no model at {path}."),
    N_("{scorer} is in use already."),
    N_("The model was not checked just now: ask again."),
    N_("Nothing was changed: {reason}."),
    N_("{scorer} is the model in use"),
    N_("{name} is not in the model folder {folder}"),
    N_("there is no model {name} in {folder}"),
    N_("the model at {path} was rolled back"),
    N_("{file} has the hash {found}, its manifest says {expected}"),
    N_("bundle {found} is not the pinned one, {pinned}"),
    N_("model file {file}: {error}"),
    N_("the model file cannot be read: {error}"),
    N_("reading the model took longer than {seconds} s"),
    N_("model manifest cannot be read: {error}"),
    N_("model manifest: {error}"),
    N_("golden vectors differ by {difference}, allowed {allowed}"),
    N_("the model wants schema {wanted}, we compute {known}"),
    N_("the bundle holds no histograms of its training: train it anew to see drift"),
    N_("it has not scored a setup yet"),
    N_("{scorer} failed while scoring; the log says how"),
)
EDGE = (
    N_("no test data were given, so no edge can be claimed"),
    N_("{count} outcomes on {days} days at the threshold, it takes {least} on {least_days}"),
    N_("net expectancy {net} is not above 0"),
    N_("net expectancy {net} is not above random entries ({random} R)"),
    N_("net expectancy {net} is above 0 and above random entries ({random} R)"),
)
VITALS = (
    N_("the watch answered HTTP {status}"),
    N_("the watch did not answer within {seconds} s"),
    N_("the watch is out of reach ({error})"),
    N_("the engine is not running"),
    N_("the engine is {count} events behind"),
    N_("no symbol is scanned"),
    N_("{blind} of {symbols} symbols are blind"),
    N_("the chat is not connected"),
    N_("the chat is deaf for {seconds} s"),
    N_("there are no API keys"),
    N_("no answer within {seconds} s"),
    N_("the venue is out of reach"),
    N_("Paused: {reason}. Replace it by one that can only trade futures, then /resume."),
    N_("the API key may withdraw"),
    N_("the API key may transfer to other accounts"),
    N_("Candles cannot be recorded: {error}. Trading goes on without."),
    N_("Candles cannot be recorded: {error}. Everything else works."),
)
PIECES = (
    *(N_("panic"), N_("dropped"), N_("closed by the venue"), N_("no frame for {seconds} s")),
    *(
        N_("a candle is missing"),
        N_("entering"),
        N_("open"),
        N_("exiting"),
        N_("{book}: {failure}"),
    ),
    N_("another instance may hold the account"),
)
SENTENCES = (
    *RECEIPTS,
    *REFUSALS,
    *PROTECTION,
    *ALARMS,
    *LIFE,
    *EXCLUDED,
    *MODEL,
    *EDGE,
    *VITALS,
    *PIECES,
)
