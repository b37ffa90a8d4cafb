using AdminPortal.Platform;

namespace AdminPortal.Provisioning.Instances;

/// <summary>How a change of one instance is started, and how the start is stored before the request.</summary>
/// <param name="wasStarted">
/// Whether a process has started this change before and was killed before it stored the result. What the platform shows then counts as
/// the change's own result.
/// </param>
/// <param name="mark">
/// Stores that the change starts now and returns until when its request may be sent; null if this process may not make the change any more.
/// </param>
/// <param name="maySend">False if only the result of the earlier process is looked for. Nothing is sent that changes something.</param>
internal sealed class ChangeStart(bool wasStarted, Func<Task<SendDeadline?>> mark, bool maySend = true)
{
    public bool WasStarted => wasStarted;

    public bool MaySend => maySend;

    /// <summary>Until when the request may be sent; null before <see cref="MarkAsync"/>.</summary>
    public SendDeadline? Deadline { get; private set; }

    /// <summary>Stores that a request of the change is about to be sent. To be called before each request.</summary>
    /// <returns>False if the request must not be sent.</returns>
    public async Task<bool> MarkAsync()
    {
        if (!maySend) return false;
        Deadline = await mark().ConfigureAwait(false);
        return Deadline is not null;
    }
}
