export default function Home() {
  return <h1>patient</h1>;
}
