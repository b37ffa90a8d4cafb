using AdminPortal.Domain;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Record;

/// <summary>
/// Writes anchors while the portal runs: beside the database within seconds of a change, to the log and the directory once an
/// hour, after a backup and at the end. Nothing that writes to the database waits for it.
/// </summary>
/// <remarks>
/// It is registered before the other workers and therefore stopped after them: its last anchor names the last row. Not every
/// change adds a row to the record. Where the database's files have changed since the last look, it first raises the
/// database's generation and then writes it down: a database that lost its write-ahead log has a lower one.
/// </remarks>
internal sealed class AnchorWriter(
    IDbContextFactory<PortalDb> databases, ActivityKey keys, RecordAnchors anchors, RecordReports reports, KeyRingSettings settings, TimeProvider clock, ILogger<AnchorWriter> logger)
    : BackgroundService
{
    /// <summary>So often the head is looked at: one indexed read.</summary>
    internal static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>So often a new anchor goes to the log and to the directory.</summary>
    internal static readonly TimeSpan PublishEvery = TimeSpan.FromHours(1);

    private readonly TroubleLog _trouble = new(logger);
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private (long Length, DateTime WrittenAt) _seen;
    private RecordAnchor? _last;
    private RecordAnchor? _published;
    private Task? _writingLast;

    /// <summary>Writes what is due.</summary>
    /// <param name="reason">Null: beside the database, and elsewhere once an hour. Otherwise everywhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WriteAsync(AnchorReason? reason, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await WriteAsync(db, reason, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await db.Database.CloseConnectionAsync().ConfigureAwait(false);
            }

            _trouble.Succeeded();
        }
#pragma warning disable CA1031 // A disk that is full or a directory that is away must not end the writer.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            if (_trouble.IsNew(exception)) ActivityLogging.AnchorNotWritten(logger, exception);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        Task writing;
        lock (_oneAtATime)
        {
            // A host can be stopped by two callers at once. Only the first call writes, and the second one waits for it:
            // otherwise the host could dispose this service while the first call is still writing.
            writing = _writingLast ??= WriteAsync(AnchorReason.Stopped, cancellationToken);
        }

        await writing.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _oneAtATime.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await WriteAsync(AnchorReason.Started, stoppingToken).ConfigureAwait(false);
            while (!stoppingToken.IsCancellationRequested)
            {
                await clock.WaitAsync(Every, stoppingToken).ConfigureAwait(false);
                await WriteAsync(null, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // StopAsync writes the last one.
        }
    }

    private async Task WriteAsync(PortalDb db, AnchorReason? reason, CancellationToken cancellationToken)
    {
        var (head, maxId) = await ActivityChain.FindHeadAsync(db, cancellationToken).ConfigureAwait(false);
        keys.Load(db, head);
        // Write no anchor without a verified mark: it would overwrite evidence.
        if (!keys.IsTrusted) return;
        var key = keys.Open(head);
        if (ActivityChain.FindAlteration(head, maxId, key) is { } alteration)
        {
            reports.Report(alteration);
            return;
        }

        var isNew = await RaiseGenerationAsync(db, cancellationToken).ConfigureAwait(false) || _last is null || _last.Sequence != head!.LastId || _last.Hash != Convert.ToHexStringLower(head.LastHash);
        var isDue = reason is not null || _published is null || (_published.Sequence != head!.LastId && (clock.GetUtcNow() - _published.At).Duration() >= PublishEvery);
        if ((!isNew && !isDue) || RecordMarks.Read(db) is not { } mark) return;
        var certificates = KeyRingCertificates.Load(settings.Read());
        if (_last is not null && AnchorComparison.Compare(db, new AnchorPlace(anchors.BesideDatabase, [new AnchorLine(anchors.BesideDatabase, _last)]), mark.DatabaseId, head, key, certificates).Findings is [var replaced, ..])
        {
            reports.Report(replaced);
            return;
        }

        var anchor = anchors.Make(mark.DatabaseId, head, PortalDatabase.ReadGeneration(db), key, reason ?? AnchorReason.Regular, null, certificates.Current);
        // The log first: it works where a disk is full or a directory is away.
        if (isDue) ActivityLogging.Anchor(logger, anchor.ToJson());
        try
        {
            if (isNew)
            {
                anchors.WriteBesideDatabase(anchor, key, certificates);
                _last = anchor;
            }
        }
        finally
        {
            // Where one of the places does not work, the other one gets its anchor.
            if (isDue)
            {
                anchors.WriteToDirectory(anchor, key, certificates);
                _published = anchor;
            }
        }
    }

    // A commit always writes to the log. What is committed between the two lines is in the same log as the raised generation.
    private async Task<bool> RaiseGenerationAsync(PortalDb db, CancellationToken cancellationToken)
    {
        if (anchors.LookAtLog() == _seen) return false;
        await PortalDatabase.WriteMarkAsync(db, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        _seen = anchors.LookAtLog();
        return true;
    }
}
