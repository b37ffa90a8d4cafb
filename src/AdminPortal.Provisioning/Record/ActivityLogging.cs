using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Record;

internal static partial class ActivityLogging
{
    [LoggerMessage(1, LogLevel.Information, "{Count} lines of the activity record were tied to its chain.")]
    public static partial void Tied(ILogger logger, long count);

    [LoggerMessage(2, LogLevel.Critical, "The key of the activity record does not open any more. Lines up to {LastId} can no longer be proved; a new chain begins behind them, and the record says so.")]
    public static partial void KeyLost(ILogger logger, long lastId);

    [LoggerMessage(3, LogLevel.Information, "Lines {FirstId} to {LastId} of the activity record were older than Portal:Activity:KeepDays. They were written to {File} and removed.")]
    public static partial void Removed(ILogger logger, long firstId, long lastId, string file);

    [LoggerMessage(4, LogLevel.Error, "Old activity was not removed and is tried again in an hour. {Reason}")]
    public static partial void NotRemoved(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Error, "The activity record was changed by something other than the portal. {Finding} Keep a copy of the database file, find out who could write to it, and run \"AdminPortal doctor\". The portal goes on and repairs no row.")]
    public static partial void Altered(ILogger logger, string finding);

    [LoggerMessage(6, LogLevel.Information, "The activity record was verified: {Rows} rows, the last one is {LastId}, and its hash begins with {Fingerprint}.")]
    public static partial void Verified(ILogger logger, long rows, long lastId, string fingerprint);

    [LoggerMessage(7, LogLevel.Error, "The activity record could not be verified. The next try is tomorrow; \"AdminPortal doctor\" verifies it now.")]
    public static partial void NotVerified(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Information, "Anchor of the activity record: {Anchor}")]
    public static partial void Anchor(ILogger logger, string anchor);

    [LoggerMessage(9, LogLevel.Error, "An anchor of the activity record could not be written. The next try is in seconds; until then a replaced database is not detected. Make sure that the portal can write to the data directory and to Portal:Activity:AnchorDirectory.")]
    public static partial void AnchorNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(10, LogLevel.Error, "The anchors of the activity record in {Place} could not be read, and the record was not compared with them. {Reason}")]
    public static partial void AnchorsNotRead(ILogger logger, string place, string reason);

    [LoggerMessage(11, LogLevel.Information, "The activity record of the first release was verified and marked: {Rows} rows. From now on a row without a hash is reported.")]
    public static partial void Marked(ILogger logger, long rows);

    [LoggerMessage(13, LogLevel.Warning, "The activity record needs attention. {Finding}")]
    public static partial void NeedsAttention(ILogger logger, string finding);

    [LoggerMessage(12, LogLevel.Warning, "The key ring is not wrapped by a certificate: anyone who can write to the database file can rewrite the activity record, and nothing shows it. Set Portal:KeyRing:CertificatePath.")]
    public static partial void NotWrapped(ILogger logger);
}
