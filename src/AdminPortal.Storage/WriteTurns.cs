namespace AdminPortal.Storage;

/// <summary>
/// SQLite has one writer at a time. Writers of this process that somebody waits for take turns here, in the order in
/// which they came, instead of each trying again and again; those of other processes are waited for within SQLite.
/// It is for speed alone: who has waited long goes on without a turn, so that a database that another program holds is
/// not waited for by one writer after the other.
/// </summary>
public sealed class WriteTurns : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>How long a turn is waited for; much longer than a write takes.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>1 while nobody has the turn, otherwise 0.</summary>
    internal int Free => _turn.CurrentCount;

    /// <summary>Waits for its turn, which ends when the answer is disposed. Not to be taken twice by one caller.</summary>
    internal async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken) =>
        new Turn(await _turn.WaitAsync(Patience, cancellationToken).ConfigureAwait(false) ? _turn : null);

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private sealed class Turn(SemaphoreSlim? turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
