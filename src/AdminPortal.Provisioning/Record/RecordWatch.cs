using AdminPortal.Domain;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Record;

/// <summary>Verifies the complete record right after the start and then once a day, beside all other work.</summary>
internal sealed class RecordWatch(
    IDbContextFactory<PortalDb> databases, ActivityKey keys, RecordReports reports, RecordStatus status, TimeProvider clock, ILogger<RecordWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);

    private readonly TroubleLog _trouble = new(logger);

    /// <summary>Verifies every row, logs the result and keeps it for the pages of administrators.</summary>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var result = await ActivityCheck.RunAsync(db, keys.Open, cancellationToken).ConfigureAwait(false);
        await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        if (result is null) return;
        status.Verified(new RecordVerification(clock.GetUtcNow(), result.Lines, result.Break is null));
        if (result.Break is not { } first)
        {
            ActivityLogging.Verified(logger, result.Lines, result.LastId, result.Fingerprint);
            return;
        }

        var finding = new RecordFinding(RecordFindingKind.RowsChanged, first, result.Broken);
        reports.Report(finding);
        if (reports.Note(db, [finding]) > 0) await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Run(() => VerifyAsync(stoppingToken), stoppingToken).ConfigureAwait(false);
                _trouble.Succeeded();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A database that is locked or damaged is reported, and looked at again tomorrow.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (_trouble.IsNew(exception)) ActivityLogging.NotVerified(logger, exception);
            }

            await clock.WaitAsync(Every, stoppingToken).ConfigureAwait(false);
        }
    }
}
