namespace AdminPortal.Features.Attempts;

/// <summary>
/// Keeps what is typed at a step while it is typed, one save after the other: two saves of one person that met at the
/// draft's row would look like somebody else's change, and "Continue" would be refused for it. For one circuit.
/// </summary>
/// <param name="keep">Saves what stands in the form now.</param>
internal sealed class Keeping(Func<Task> keep)
{
    private Task _last = Task.CompletedTask;

    /// <summary>Saves after the saves before it have ended.</summary>
    public Task KeepAsync() => _last = AfterAsync(_last);

    /// <summary>Waits until nothing is being saved. Whoever leaves the step saves everything once more, so that a save that failed is made up for there.</summary>
    public async Task SettleAsync() => await _last.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);

    private async Task AfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        await keep();
    }
}
