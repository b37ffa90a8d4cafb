using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Chaos.Driving;

/// <summary>Copies of an attempt that awaits its consent, each with a state of its own: what callbacks in great number are sent for.</summary>
public static class AwaitingCopies
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Adds so many copies; the answer is their states.</summary>
    /// <param name="connectionString">The portal's database.</param>
    /// <param name="attempt">The attempt that a browser has left for the provider with.</param>
    /// <param name="count">How many.</param>
    public static async Task<IReadOnlyList<string>> AddAsync(string connectionString, Guid attempt, int count)
    {
        await using var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync();
        List<string> columns = [];
        await using (var read = connection.CreateCommand())
        {
            read.CommandText = "SELECT name FROM pragma_table_info('Attempts')";
            await using var reader = await read.ExecuteReaderAsync();
            while (await reader.ReadAsync()) columns.Add(reader.GetString(0));
        }

        await using var transaction = await connection.BeginTransactionAsync();
        await using var copy = connection.CreateCommand();
        copy.Transaction = (SqliteTransaction)transaction;
#pragma warning disable CA2100 // The table's own columns.
        copy.CommandText = $"INSERT INTO Attempts ({string.Join(", ", columns)}) SELECT {string.Join(", ", columns.Select(column => column switch
        {
            "Id" => "$id",
            "StateHash" => "$state",
            "ConsentExpiresAt" or "NextAt" => (DateTime.UtcNow + Lifetime).Ticks.ToString(CultureInfo.InvariantCulture),
            _ => column,
        }))} FROM Attempts WHERE Id = $attempt AND State = 'AwaitingConsent'";
#pragma warning restore CA2100
        var id = copy.Parameters.Add("$id", SqliteType.Text);
        var state = copy.Parameters.Add("$state", SqliteType.Blob);
        copy.Parameters.AddWithValue("$attempt", attempt.ToString().ToUpperInvariant());
        var states = new List<string>(count);
        for (var number = 0; number < count; number++)
        {
            states.Add(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_'));
            id.Value = Guid.CreateVersion7().ToString().ToUpperInvariant();
            state.Value = SHA256.HashData(Encoding.ASCII.GetBytes(states[^1]));
            if (await copy.ExecuteNonQueryAsync() != 1) throw new InvalidOperationException("The attempt is not there to be copied, or does not await its consent.");
        }

        await transaction.CommitAsync();
        return states;
    }
}
