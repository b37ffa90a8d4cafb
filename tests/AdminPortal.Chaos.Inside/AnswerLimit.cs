namespace AdminPortal.Chaos.Inside;

/// <summary>How long the portal waits for an answer of the platform, where the driver wants it to give up earlier than by itself.</summary>
internal static class AnswerLimit
{
    private static double _seconds;

    /// <summary>Zero: the portal's own.</summary>
    public static TimeSpan Value
    {
        get => TimeSpan.FromSeconds(Volatile.Read(ref _seconds));
        set => Volatile.Write(ref _seconds, value.TotalSeconds);
    }
}
