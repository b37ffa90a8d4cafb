using System.Data.Common;
using AdminPortal.Domain.Secrets;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Tests.Support;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AdminPortal.Provisioning.Tests.Model;

/// <summary>Where a process can be interrupted.</summary>
internal enum Place
{
    BeforeCommit,
    AfterCommit,
    BeforePlatform,
    AfterPlatform,
}

/// <summary>The process is gone: nothing after this line is carried out.</summary>
internal sealed class ProcessDiedException() : Exception("The process died here.");

/// <summary>What is to happen at a counted place of whatever is done next.</summary>
internal sealed class Interruption
{
    private int _left;
    private Func<ModelProcess, Place, Task>? _what;
    private Func<Place, bool> _counts = _ => true;

    /// <summary>Whether it has happened since this was last set to false.</summary>
    public bool HasHappened { get; set; }

    public void Arm(int at, Func<Place, bool> counts, Func<ModelProcess, Place, Task> what) => (_left, _counts, _what) = (at, counts, what);

    public void Disarm() => _what = null;

    public async Task ReachAsync(ModelProcess process, Place place)
    {
        if (_what is not { } what || !_counts(place) || --_left > 0) return;
        _what = null;
        HasHappened = true;
        await what(process, place);
    }
}

/// <summary>A process of the portal: its services, on the run's database, with a place to die at before and after each commit and each call.</summary>
internal sealed class ModelProcess : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Interruption _interruption;

    public ModelProcess(string dataDirectory, TestClock clock, ModelTenant tenant, Interruption interruption)
    {
        DataDirectory = dataDirectory;
        Clock = clock;
        _interruption = interruption;
        _services = TestPortal.BuildServices(dataDirectory, services =>
        {
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
            services.Replace(ServiceDescriptor.Singleton<IElementsPlatform>(new ModelPlatform(tenant, this)));
            services.Replace(ServiceDescriptor.Singleton<ISecretBox>(new PlainSecretBox()));
            services.Replace(ServiceDescriptor.Singleton<IDbContextFactory<PortalDb>>(provider =>
                new ModelDatabases(ModelStage.Options(dataDirectory, provider, new Interceptor(this), new BulkInterceptor(this), new CommitInterceptor(this)))));
        });
    }

    public string DataDirectory { get; }

    public TestClock Clock { get; }

    public bool IsDead { get; private set; }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async Task ReachAsync(Place place)
    {
        if (IsDead) throw new ProcessDiedException();
        await _interruption.ReachAsync(this, place);
    }

    public void Die()
    {
        IsDead = true;
        throw new ProcessDiedException();
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class Interceptor(ModelProcess process) : SaveChangesInterceptor
    {
        public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            // Within a transaction nobody else can do anything any more; what comes between, comes before it begins.
            if (eventData.Context!.Database.CurrentTransaction is not null) return result;
            try
            {
                await process.ReachAsync(Place.BeforeCommit);
            }
            catch (SqliteException exception)
            {
                // As EF tells it.
                throw new DbUpdateException("It could not be saved.", exception);
            }

            return result;
        }

        public override async ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            // Within a transaction it is not saved before that is committed.
            if (eventData.Context!.Database.CurrentTransaction is null) await process.ReachAsync(Place.AfterCommit);
            return result;
        }
    }

    private sealed class CommitInterceptor(ModelProcess process) : DbTransactionInterceptor
    {
        public override async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
        {
            await process.ReachAsync(Place.BeforeCommit);
            return result;
        }

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
            process.ReachAsync(Place.AfterCommit);
    }

    // Updates and deletions that go past the change tracker commit by themselves, but for those within a transaction.
    private sealed class BulkInterceptor(ModelProcess process) : DbCommandInterceptor
    {
        public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (command.Transaction is null) await process.ReachAsync(Place.BeforeCommit);
            return result;
        }

        public override async ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            if (command.Transaction is null) await process.ReachAsync(Place.AfterCommit);
            return result;
        }
    }
}

/// <summary>The database that every run begins with, and how it is opened.</summary>
internal static class ModelStage
{
    private static readonly Lazy<Task<(byte[] File, Guid Account, Guid App)>> Made = new(MakeAsync);

    public static Task<(byte[] File, Guid Account, Guid App)> StartAsync() => Made.Value;

    public static DbContextOptions<PortalDb> Options(string dataDirectory, IServiceProvider? services, params IInterceptor[] interceptors) =>
        (DbContextOptions<PortalDb>)new DbContextOptionsBuilder<PortalDb>().UsePortalSqlite(PortalDatabase.ConnectionString(dataDirectory))
            .UseApplicationServiceProvider(services).AddInterceptors([new Unsynchronized(), .. interceptors]).Options;

    public static PortalDb OpenDatabase(string dataDirectory) => new(Options(dataDirectory, null));

    public static string FileIn(string dataDirectory) => new SqliteConnectionStringBuilder(PortalDatabase.ConnectionString(dataDirectory)).DataSource;

    public static void Close(string dataDirectory)
    {
        using var connection = new SqliteConnection(PortalDatabase.ConnectionString(dataDirectory));
        SqliteConnection.ClearPool(connection);
    }

    private static async Task<(byte[] File, Guid Account, Guid App)> MakeAsync()
    {
        using var folder = new TemporaryFolder();
        await TemplateDatabase.CopyToAsync(folder.Path);
        await using var process = new ModelProcess(folder.Path, new TestClock(), new ModelTenant(), new Interruption());
        await process.Get<ActivityKeeper>().PrepareAsync(default);
        var account = await process.Get<AccountService>().SaveAsync(
            new AccountInput { Name = "Staging", BaseUrl = "https://staging.cloud-elements.com", OrganizationSecret = "org-secret", UserSecret = "user-secret" }, default);
        var app = await process.Get<ProviderAppService>().SaveAsync(new ProviderAppInput { Name = "Keap app", ClientId = "client-id", ClientSecret = "client-secret" }, default);
        Close(folder.Path);
        return (await File.ReadAllBytesAsync(FileIn(folder.Path)), account.Value, app.Value);
    }

    // A run's file need not survive the machine.
    private sealed class Unsynchronized : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous = OFF";
            _ = command.ExecuteNonQuery();
        }

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            ConnectionOpened(connection, eventData);
            return Task.CompletedTask;
        }
    }
}

/// <summary>Opens the run's database.</summary>
internal sealed class ModelDatabases(DbContextOptions<PortalDb> options) : IDbContextFactory<PortalDb>
{
    public PortalDb CreateDbContext() => new(options);
}
