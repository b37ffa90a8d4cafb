namespace AdminPortal.Provisioning.Storage;

/// <summary>
/// SQLite has one writer at a time. Writers of this process that somebody waits for take turns here, in the order in
/// which they came, instead of each trying again and again; those of other processes are waited for within SQLite.
/// </summary>
public sealed class WriteTurns : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Waits for its turn, which ends when the answer is disposed. Not to be taken twice by one caller.</summary>
    internal async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(_turn);
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
