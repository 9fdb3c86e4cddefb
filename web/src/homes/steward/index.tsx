export default function Home() {
  return <h1>steward</h1>;
}
