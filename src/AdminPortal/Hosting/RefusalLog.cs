namespace AdminPortal.Hosting;

/// <summary>
/// Tells the log what was turned away at the door before anybody was known. A flood of it is one line a minute, with its
/// number: what is turned away must not fill the disk instead.
/// </summary>
internal sealed partial class RefusalLog(ILogger<RefusalLog> logger, TimeProvider clock)
{
    /// <summary>How long what is of the same kind is only counted.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Tally _tooMany = new();
    private readonly Tally _forged = new();

    /// <summary>An address asked too often.</summary>
    public void TooMany(HttpContext context)
    {
        if (Count(_tooMany) is { } unsaid) TooMany(logger, context.Connection.RemoteIpAddress?.ToString(), context.Request.Method, Place(context), unsaid);
    }

    /// <summary>What could change something brought no token of a page of ours.</summary>
    public void Forged(HttpContext context)
    {
        if (Count(_forged) is { } unsaid) Forged(logger, context.Connection.RemoteIpAddress?.ToString(), context.Request.Method, Place(context), unsaid);
    }

    // How many went unsaid since the last line; null where this one does too.
    private int? Count(Tally tally)
    {
        lock (_gate)
        {
            if (tally.Said is { } said && clock.GetElapsedTime(said) < Quiet)
            {
                tally.Unsaid++;
                return null;
            }

            var unsaid = tally.Unsaid;
            (tally.Said, tally.Unsaid) = (clock.GetTimestamp(), 0);
            return unsaid;
        }
    }

    // As the route is written: what stands in an address may be a secret, and is a stranger's to choose.
    private static string Place(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "an address of none";

    [LoggerMessage(1, LogLevel.Warning, "{Address} asked too often and was turned away: {Method} {Place}. {Unsaid} more were since the line before.")]
    private static partial void TooMany(ILogger logger, string? address, string method, string place, int unsaid);

    [LoggerMessage(2, LogLevel.Warning, "{Address} was turned away, because what could change something brought no antiforgery token of this portal: {Method} {Place}. {Unsaid} more were since the line before.")]
    private static partial void Forged(ILogger logger, string? address, string method, string place, int unsaid);

    private sealed class Tally
    {
        public long? Said { get; set; }

        public int Unsaid { get; set; }
    }
}
