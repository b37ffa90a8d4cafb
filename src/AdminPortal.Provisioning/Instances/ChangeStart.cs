namespace AdminPortal.Provisioning.Instances;

/// <summary>What is known of an earlier start of the same change, and how its start is stored before the platform is asked.</summary>
/// <param name="wasStarted">
/// Whether a process has started this change before and was killed before it stored the result: what the platform shows then is
/// taken for the change's own result.
/// </param>
/// <param name="mark">Stores that the change starts now; false where the change is not this process's to make any more.</param>
internal sealed class ChangeStart(bool wasStarted, Func<Task<bool>> mark)
{
    /// <summary>A change that nobody resumes.</summary>
    public static ChangeStart Unrecorded { get; } = new(false, () => Task.FromResult(true));

    public bool WasStarted => wasStarted;

    public Task<bool> MarkAsync() => mark();
}
