using System.Diagnostics;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Benchmarks;

/// <summary>The baseline: Kestrel with one endpoint that does one SQLite insert, as a process of its own.</summary>
internal static class BareKestrel
{
    /// <summary>Starts the process, with an empty file.</summary>
    public static Process Start(out Uri address)
    {
        var file = Path.Combine(PortalFile.Artifacts(), "bare.db");
        foreach (var old in new[] { file, file + "-wal", file + "-shm" }) File.Delete(old);
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(BareKestrel).Assembly.Location, "bare", file]) { RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException("The baseline did not start.");
        address = new Uri(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The baseline ended."));
        return process;
    }

    /// <summary>Serves in this process: <c>bare {file}</c>.</summary>
    public static async Task ServeAsync(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={file}");
        await connection.OpenAsync();
        Execute("PRAGMA journal_mode = WAL");
        Execute(PortalDatabase.ConnectionSettings);
        Execute("CREATE TABLE Callbacks (Id INTEGER PRIMARY KEY, State TEXT, Code TEXT, At INTEGER)");
        await using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO Callbacks (State, Code, At) VALUES ($state, $code, $at)";
        var (state, code, at) = (insert.Parameters.Add("$state", SqliteType.Text), insert.Parameters.Add("$code", SqliteType.Text), insert.Parameters.Add("$at", SqliteType.Integer));
        insert.Prepare();
        // SQLite has one writer: in a queue of its own the baseline does not lose time by trying again.
        using var one = new SemaphoreSlim(1);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Run(async context =>
        {
            await one.WaitAsync();
            try
            {
                (state.Value, code.Value, at.Value) = (context.Request.Query["state"].ToString(), context.Request.Query["code"].ToString(), DateTimeOffset.UtcNow.UtcTicks);
                await insert.ExecuteNonQueryAsync();
            }
            finally
            {
                one.Release();
            }

            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = "/";
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        await Task.Delay(Timeout.Infinite);

        void Execute(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
