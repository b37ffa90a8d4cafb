namespace AdminPortal.Hosting;

/// <summary>The portal cannot start, for reasons that are known. Each is a sentence: what happened, why, and what to do.</summary>
/// <param name="exitCode">One of <see cref="Hosting.ExitCode"/>.</param>
/// <param name="reasons">The reasons.</param>
internal sealed class StartRefusedException(int exitCode, params IReadOnlyList<string> reasons) : Exception(string.Join(' ', reasons))
{
    public int ExitCode { get; } = exitCode;

    public IReadOnlyList<string> Reasons { get; } = reasons;
}
