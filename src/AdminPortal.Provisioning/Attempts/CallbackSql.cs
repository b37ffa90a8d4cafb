using System.Data.Common;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Secrets;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace AdminPortal.Provisioning.Attempts;

/// <summary>
/// What a callback reads and writes, as statements on a connection of their own that are prepared once for all callbacks. Which state follows
/// which is not known here: the attempt's own methods say it, and what they have changed is written.
/// </summary>
/// <remarks>Another database needs other statements: this class is the seam.</remarks>
internal sealed class CallbackSql : IAsyncDisposable
{
    private const string FindText =
        """
        SELECT t."Id", t."Version", t."State", t."BrowserHash", t."ConsentExpiresAt", t."Configuration", t."TargetInstanceId", a."BaseUrl"
        FROM "Attempts" t LEFT JOIN "Accounts" a ON a."Id" = t."PlatformAccountId" WHERE t."StateHash" = $hash
        """;

    private const string FindServerText = "SELECT \"AccountServer\" FROM \"Instances\" WHERE \"Id\" = $id";

    // All that a method may change for which an attempt has to await consent: see ProvisioningAttempt.
    private const string SaveText =
        """
        UPDATE "Attempts" SET "Version" = "Version" + 1, "State" = $state, "UpdatedAt" = $updated, "Code" = $code, "CodeReceivedAt" = $received, "NextAt" = $next,
            "ConsentedServer" = $consented, "ExpectedServer" = $expected, "OAuthUrl" = NULL, "Ending" = $ending, "CompletedAt" = $completed
        WHERE "Id" = $id AND "Version" = $version AND "State" = 'AwaitingConsent'
        """;

    private const string NoteText =
        """
        INSERT INTO "AttemptHistory" ("Id", "AttemptId", "At", "Event", "State", "Detail") VALUES ($id, $attempt, $at, $event, $state, $detail)
        """;

    private readonly PortalDb _db;
    private DbCommand? _find;
    private DbCommand? _findServer;
    private DbCommand? _save;
    private DbCommand? _note;

    private CallbackSql(PortalDb db) => _db = db;

    /// <summary>Opens the connection.</summary>
    public static async Task<CallbackSql> OpenAsync(IDbContextFactory<PortalDb> databases)
    {
        var db = await databases.CreateDbContextAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await db.Database.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
            return new CallbackSql(db);
        }
        catch
        {
            await db.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Begins the transaction in which attempts are written.</summary>
    public Task<IDbContextTransaction> BeginAsync() => _db.Database.BeginTransactionAsync(CancellationToken.None);

    /// <summary>
    /// As much of the attempt with a state as a callback asks about, and where its code is to be sent, which is null where the
    /// account is gone. Null where there is no such attempt.
    /// </summary>
    public async Task<(ProvisioningAttempt Attempt, SecretOrigin? Destination)?> FindAsync(byte[] stateHash, CancellationToken cancellationToken)
    {
        _find ??= Prepare(FindText, "$hash");
        Set(_find, stateHash);
        await using var row = await _find.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await row.ReadAsync(cancellationToken).ConfigureAwait(false)) return null;
        var attempt = ProvisioningAttempt.ForCallback(
            GuidTextConverter.Read(row.GetString(0)), row.GetInt32(1), EnumNameConverter<AttemptState>.Read(row.GetString(2)),
            row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3), row.IsDBNull(4) ? null : UtcTicksConverter.Read(row.GetInt64(4)),
            JsonColumn.Read<Dictionary<string, string>>(row.GetString(5)), row.IsDBNull(6) ? null : GuidTextConverter.Read(row.GetString(6)));
        return (attempt, row.IsDBNull(7) ? null : SecretOrigin.Find(row.GetString(7)));
    }

    /// <summary>Which account an instance belongs to; null where that or the instance is not known.</summary>
    public async Task<string?> FindServerAsync(Guid? instanceId, CancellationToken cancellationToken)
    {
        _findServer ??= Prepare(FindServerText, "$id");
        Set(_findServer, instanceId);
        return await _findServer.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    }

    /// <summary>Writes an attempt that awaited consent and has been moved on, with its lines of history, within the transaction.</summary>
    /// <returns>Whether it was written: not where somebody else has saved or removed it since it was read.</returns>
    public async Task<bool> SaveAsync(ProvisioningAttempt attempt, CancellationToken cancellationToken)
    {
        _save ??= Prepare(SaveText, "$id", "$version", "$state", "$updated", "$code", "$received", "$next", "$consented", "$expected", "$ending", "$completed");
        Set(
            _save, attempt.Id, attempt.Version, attempt.State.ToString(), attempt.UpdatedAt.UtcTicks, attempt.Code?.Ciphertext, attempt.CodeReceivedAt?.UtcTicks, attempt.NextAt?.UtcTicks,
            attempt.ConsentedServer, attempt.ExpectedServer, attempt.Ending is { } ending ? JsonColumn.Write(ending) : null, attempt.CompletedAt?.UtcTicks);
        if (await _db.RunSeenAsync(_save, cancellationToken).ConfigureAwait(false) == 0) return false;

        _note ??= Prepare(NoteText, "$id", "$attempt", "$at", "$event", "$state", "$detail");
        foreach (var line in attempt.History)
        {
            Set(_note, line.Id, line.AttemptId, line.At.UtcTicks, line.Event.ToString(), line.State.ToString(), line.Detail);
            _ = await _db.RunSeenAsync(_note, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in new[] { _find, _findServer, _save, _note })
        {
            if (command is not null) await command.DisposeAsync().ConfigureAwait(false);
        }

        try
        {
            await _db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
        finally
        {
            await _db.DisposeAsync().ConfigureAwait(false);
        }
    }

    private DbCommand Prepare(string sql, params IEnumerable<string> names) => _db.Command(sql, names.Select(name => (name, (object?)null)));

    private static void Set(DbCommand command, params ReadOnlySpan<object?> values)
    {
        for (var number = 0; number < values.Length; number++) command.Parameters[number].Set(values[number]);
    }
}
